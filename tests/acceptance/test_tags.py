"""Tags of sources: given with a source, changed one by one and for many, looked for, and in a file of sources."""

import json
import os
from pathlib import Path

import pytest
import yaml

import loaded
from service import KEY, Service, eventually

WRAPPERS = "/resources/wrappers"
NOBODY = "6f1d2c1e-7b0a-4e57-9d35-0c8f7a1e2b34"
CSV = b"time,level\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n"


def made(service: Service, name: str, **metadata: object) -> str:
    file_id = service.upload(f"{name}.csv", CSV)["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id}, name=name, **metadata)
    service.wait_for(wrapper_id, "completed")
    return wrapper_id


def tags(service: Service, wrapper_id: str) -> list[str]:
    return service.wrapper(wrapper_id)["metadata"].get("tags", [])


def found(service: Service, *tag: str) -> set[str]:
    answer = service.http.get(WRAPPERS, params={"tag": list(tag), "limit": 100})
    assert int(answer.headers["X-Total-Count"]) == len(answer.json())
    return {each["metadata"]["name"] for each in answer.json()}


@pytest.fixture(scope="module")
def three(service: Service) -> list[str]:
    return [
        made(service, "lagos", tags=["Coast", "tide", "coast"]),
        made(service, "faro", tags="coast, água doce"),
        made(service, "evora"),
    ]


def test_they_come_with_a_source_once_each(service: Service, three: list[str]) -> None:
    assert [tags(service, each) for each in three] == [["Coast", "tide"], ["coast", "água doce"], []]
    listed = service.http.get(f"{WRAPPERS}/tags").json()
    assert listed == [
        {"tag": "Coast", "wrappers": 2},
        {"tag": "tide", "wrappers": 1},
        {"tag": "água doce", "wrappers": 1},
    ]


def test_a_list_is_narrowed_to_those_with_all_of_them(service: Service, three: list[str]) -> None:
    assert found(service, "COAST") == {"lagos", "faro"}
    assert found(service, "coast", "tide") == {"lagos"}
    assert found(service, "agua doce") == {"faro"}
    assert found(service, "coas") == set()
    searched = service.http.get(WRAPPERS, params={"q": "tide"}).json()
    assert [each["metadata"]["name"] for each in searched] == ["lagos"]


def test_those_of_many_are_changed_at_once_all_or_none(service: Service, three: list[str]) -> None:
    form = {"wrapper_ids": [three[0], three[2]], "add": ["new"], "remove": ["TIDE"]}
    assert service.http.post(f"{WRAPPERS}/tags", json=form).json() == {"changed": 2}
    assert [tags(service, each) for each in three] == [["Coast", "new"], ["coast", "água doce"], ["new"]]
    assert service.http.post(f"{WRAPPERS}/tags", json=form).json() == {"changed": 0}
    unknown = service.http.post(f"{WRAPPERS}/tags", json={"wrapper_ids": [three[1], NOBODY], "add": ["x"]})
    assert (unknown.status_code, unknown.json()) == (404, {"detail": "Wrapper not found"})
    many = service.http.post(f"{WRAPPERS}/tags", json={"wrapper_ids": three, "add": [f"t{n}" for n in range(50)]})
    assert (many.status_code, many.json()) == (400, {"detail": "Invalid request: A source has at most 50 tags"})
    assert tags(service, three[1]) == ["coast", "água doce"]
    for wrong in (["a,b"], [""], ["x" * 51], ["a\nb"]):
        answer = service.http.post(f"{WRAPPERS}/tags", json={"wrapper_ids": three, "add": wrong})
        assert answer.status_code == 422, wrong
    back = {"wrapper_ids": [three[0], three[2]], "add": ["tide"], "remove": ["new"]}
    service.http.post(f"{WRAPPERS}/tags", json=back)
    service.patch(three[2], metadata={"tags": None})
    assert tags(service, three[2]) == []


@pytest.mark.long
def test_a_file_of_sources_declares_them(service: Service, three: list[str], tmp_path: Path) -> None:
    def called(*words: str) -> str:
        env = {name: value for name, value in os.environ.items() if not name.startswith("SLACKWATER_")}
        env |= {"SLACKWATER_URL": service.url, "SLACKWATER_API_KEY": KEY}
        done = loaded.run(words, env, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    entries = yaml.safe_load(called("export"))["sources"]
    assert {each["name"]: each.get("tags") for each in entries} == {
        "lagos": ["Coast", "tide"],
        "faro": ["coast", "água doce"],
        "evora": None,
    }
    listed = called("sources", "list", "--tag", "coast", "--tag", "tide", "--json")
    assert [each["metadata"]["name"] for each in json.loads(listed)] == ["lagos"]
    (tmp_path / "evora.csv").write_bytes(CSV)
    source = {"name": "evora", "file": "evora.csv", "tags": ["inland"]}
    (tmp_path / "sources.yaml").write_text(yaml.safe_dump({"sources": [source]}))
    assert "tags: [] → ['inland']" in called("apply", "sources.yaml").replace("None", "[]")
    assert eventually(lambda: tags(service, three[2])) == ["inland"]
    assert called("apply", "sources.yaml") == "= evora\n"
