"""What `deploy/` holds is well-formed, fits the service, and keeps its promises of hardening."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from typer.testing import CliRunner

from slackwater.cli.application import build
from slackwater.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNIT = (DEPLOY / "systemd" / "slackwater.service").read_text()
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
VARIABLES = {f"SLACKWATER_{name.upper()}" for name in Settings.model_fields}


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile, continued lines joined."""
    joined = re.sub(r"\\\n\s*", " ", re.sub(r"(?m)^#.*\n", "", DOCKERFILE))
    lines = [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [(word.upper(), rest) for word, rest in lines]


def test_the_image_is_built_in_stages_and_runs_as_nobody_special():
    found = instructions()
    assert next(rest for word, rest in found if word == "FROM").endswith(" AS build")
    last = found[max(at for at, (word, _) in enumerate(found) if word == "FROM") :]
    words = [word for word, _ in last]
    assert dict(last)["USER"] == "10001:10001"
    assert "HEALTHCHECK" in words
    assert "pip" not in " ".join(rest for word, rest in last if word == "RUN")
    assert "--require-hashes" in DOCKERFILE
    for word, rest in found:
        if word == "COPY" and "--from" not in rest:
            assert all((ROOT / source).exists() for source in rest.split()[:-1]), rest


def test_no_file_names_a_setting_that_is_none():
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            for name in set(re.findall(r"SLACKWATER_[A-Z_]+", path.read_text())):
                assert name.removesuffix("_FILE") in VARIABLES, f"{path.name}: {name}"


def test_the_version_of_images_is_ours():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    assert compose["services"]["slackwater"]["image"] == f"slackwater:{version}"
    nodes = yaml.safe_load((DEPLOY / "compose.cluster.yaml").read_text())["services"]
    assert {nodes[name]["image"] for name in ("slackwater", "worker")} == {f"slackwater-postgresql:{version}"}
    kustomization = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())
    assert kustomization["images"] == [{"name": "slackwater", "newName": "slackwater", "newTag": version}]


def test_nodes_in_containers_share_a_database_and_what_they_are_given():
    compose = yaml.safe_load((DEPLOY / "compose.cluster.yaml").read_text())
    service, worker, database = (compose["services"][name] for name in ("slackwater", "worker", "database"))
    assert worker["deploy"]["replicas"] == 2
    assert service["command"] == ["serve", "--max-runs", "0"]
    given = {key for node in (service, worker, database) for key in node["secrets"]}
    assert given == set(compose["secrets"])
    for node in (service, worker, database):
        paths = {each for name, each in node["environment"].items() if name.endswith("_FILE")}
        assert paths <= {f"/run/secrets/{name}" for name in node["secrets"]}
        assert not any(name in str(node["environment"]) for name in ("password:", "postgresql://"))
    for node in (service, worker):
        assert (ROOT / node["build"]["args"]["REQUIREMENTS"]).exists()
        assert node["environment"]["SLACKWATER_DATABASE_URL_FILE"] == "/run/secrets/database-url"
        assert node["read_only"] is True
        assert node["cap_drop"] == ["ALL"]
        assert CliRunner().invoke(build(node["command"][0]), [*node["command"], "--help"]).exit_code == 0


def test_the_manifests_belong_together():
    folder = DEPLOY / "kubernetes"
    named = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    assert {path.name for path in folder.glob("*.yaml")} == {*named, "kustomization.yaml"}
    found: dict[str, Any] = {
        each["kind"]: each for each in (yaml.safe_load((folder / name).read_text()) for name in named)
    }
    state = found["StatefulSet"]["spec"]
    pod = state["template"]
    assert state["replicas"] == 1
    assert state["selector"]["matchLabels"] == pod["metadata"]["labels"] == found["Service"]["spec"]["selector"]
    container = pod["spec"]["containers"][0]
    assert found["Service"]["spec"]["ports"][0]["targetPort"] == container["ports"][0]["name"]
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    volumes = {each["name"] for each in pod["spec"]["volumes"]} | {
        each["metadata"]["name"] for each in state["volumeClaimTemplates"]
    }
    assert {each["name"] for each in container["volumeMounts"]} == volumes


@pytest.mark.parametrize("version", ["1.27", kubernetes_validate.latest_version()])
@pytest.mark.parametrize("name", ["namespace", "service", "statefulset"])
def test_the_manifests_are_valid(name: str, version: str):
    manifest = yaml.safe_load((DEPLOY / "kubernetes" / f"{name}.yaml").read_text())
    kubernetes_validate.validate(manifest, version, strict=True)
    manifest["spec" if name != "namespace" else "metadata"]["replicass"] = 1  # the schemas know what there is not
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifest, version, strict=True)


def test_the_unit_is_valid_and_leaves_confinement_to_wrappers(tmp_path: Path):
    assert "Type=notify" in UNIT
    # These would take user namespaces, Landlock or seccomp from wrapper processes, or writable memory from libraries.
    for word in ("RestrictNamespaces", "SystemCallFilter", "MemoryDenyWriteExecute", "PrivateUsers"):
        assert word not in UNIT
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "slackwater.service"
    unit.write_text(UNIT.replace("/opt/slackwater/bin/slackwater", "/bin/true"))
    told = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
