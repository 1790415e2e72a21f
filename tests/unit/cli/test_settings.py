"""Settings: what is not known or cannot be is said, secrets come from files, too."""

import pytest
import typer
from pydantic import ValidationError

from slackwater.cli.options import flag, read_settings, sentences, unknown_variables
from slackwater.settings import Settings, load, text_of
from slackwater.store_settings import address_secrets


def test_an_unknown_variable_is_told_with_the_nearest_setting():
    told = unknown_variables({"SLACKWATER_MAXRUNS": "3", "SLACKWATER_PORT": "1", "SLACKWATER_API_KEY_FILE": "x"})
    assert told == ["The variable SLACKWATER_MAXRUNS is no setting and is ignored; did you mean SLACKWATER_MAX_RUNS?"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("log_level", "verbose"),
        ("log_format", "xml"),
        ("private_sources", "http://nas.local"),
        ("private_sources", "10.1.0.0/99"),
        ("llm_model", "gpt-5"),
        ("labels", "gpu,Site A"),
        ("labels", "gpu,,x"),
    ],
)
def test_a_wrong_value_is_named_with_its_setting(name, value):
    with pytest.raises(ValidationError) as wrong:
        load(**{name: value})
    (sentence,) = sentences(wrong.value, "slackwater.toml")
    assert sentence.startswith(f"{name} ({flag(name)}, SLACKWATER_{name.upper()}) cannot be {value!r}")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("memory://x", "memory:// is the memory of one process"),
        ("https://x.example.org/a", "https:// can only be read"),
        ("file://shared/dir", "file:///shared/directory, with three slashes"),
        ("s3://", "names no bucket or directory"),
        ("s3://bucket/a?versionId=3", "nothing behind ?"),
        ("simplecache::s3://bucket", "such as s3://bucket/prefix"),
        ("sftp:somebody:hush-hush@host", "such as s3://bucket/prefix"),
    ],
)
def test_a_place_of_files_that_cannot_be_is_told_without_its_secret(url, told):
    with pytest.raises(ValidationError) as wrong:
        load(files_url=url)
    (sentence,) = sentences(wrong.value, "slackwater.toml")
    assert sentence.startswith("files_url (SLACKWATER_FILES_URL) cannot be used: ")
    assert told in sentence
    assert "hush" not in sentence


def test_a_place_of_files_with_a_password_is_no_option_and_is_kept_out_of_the_log(capsys):
    url = "sftp://somebody:hush%2Dhush@host/dir"
    with pytest.raises(typer.Exit):
        read_settings(files_url=url)
    assert "SLACKWATER_FILES_URL_FILE" in capsys.readouterr().err
    assert address_secrets(load(files_url=url)) == [url, "hush%2Dhush", "hush-hush"]
    assert read_settings(files_url="s3://bucket/prefix").files_url is not None
    assert address_secrets(load(files_url="s3://bucket/prefix")) == []


def test_labels_come_one_by_one_or_in_a_text(monkeypatch, tmp_path):
    monkeypatch.setenv("SLACKWATER_LABELS", "site-a, gpu")
    assert read_settings(labels=[]).labels == "gpu,site-a", "an option that is not given changes nothing"
    assert read_settings(labels=["x", "b"]).labels == "b,x"
    monkeypatch.delenv("SLACKWATER_LABELS")
    (tmp_path / "slackwater.toml").write_text('labels = ["z", "a"]')
    monkeypatch.chdir(tmp_path)
    assert load().labels == "a,z"
    with pytest.raises(typer.Exit):
        read_settings(labels=[""])
    assert load(labels="").labels == ""


def test_levels_are_taken_in_any_case():
    assert load(log_level="WARNING").log_level == "warning"


@pytest.mark.parametrize("name", ["api_key", "secret_key", "oidc_client_secret", "llm_api_key"])
def test_a_secret_comes_from_the_file_that_its_variable_names(name, monkeypatch, tmp_path):
    file = tmp_path / "secret"
    file.write_text("from-a-file-0123456789-0123456789\n")
    monkeypatch.setenv(f"SLACKWATER_{name.upper()}_FILE", str(file))
    assert text_of(getattr(Settings(), name)) == "from-a-file-0123456789-0123456789"


def test_a_secret_that_is_given_twice_or_not_there_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("SLACKWATER_API_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(ValueError, match=r"SLACKWATER_API_KEY_FILE names .*none, which cannot be read"):
        load()
    monkeypatch.setenv("SLACKWATER_API_KEY", "0123456789abcdef")
    with pytest.raises(ValueError, match="are both set; unset one"):
        load()


def test_a_short_key_is_told_in_plain_words():
    with pytest.raises(ValidationError) as wrong:
        load(api_key="short")
    assert sentences(wrong.value, "slackwater.toml") == [
        "api_key (SLACKWATER_API_KEY) cannot be used: it needs at least 16 characters."
    ]
