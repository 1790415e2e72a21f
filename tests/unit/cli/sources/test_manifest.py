"""A file of sources: what is wrong with it is one sentence that quotes no secret."""

import pytest

from slackwater.cli.sources.manifest import read_manifest
from slackwater.errors import BadInput

A = "sources:\n- name: a\n  location: http://example.org/x\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("sources: [", "is no valid YAML in line 1."),
        ("- 1", "has no list `sources:` at its top level."),
        ("sources: []\nmore: 1", "more is not known at the top level; only `sources` is."),
        ("sources:\n- location: x", "source 1 has no `name`, a text."),
        ("sources:\n- name: a", "'a' needs either `location` (a URL) or `file` (a path)."),
        ("sources:\n- name: a\n  file: b.txt", "b.txt is no .csv, .xlsx or .xls file."),
        (f"{A}  perodicity: 1h", "'a': perodicity is no field of it; did you mean periodicity?"),
        (f"{A}  bearer_token: sesame", "'a' holds a secret in clear; write ${env:NAME} or ${file:PATH} in its place."),
        (f"{A}  bearer_token: ${{env:NONE}}", "'a' refers to ${env:NONE}, which is not set."),
        (f"{A}  bearer_token: ${{file:none}}", "'a' refers to ${file:none}, which cannot be read."),
        (f"{A}  runs_on: [Site A]", "of the characters a-z, 0-9, . _ and -."),
        (f"{A}  timeout_seconds: -1", "'a': timeout_seconds: it must be more than 0."),
        (A + A.removeprefix("sources:\n"), "two sources are named 'a'; the name tells them apart, give another."),
    ],
)
def test_what_is_wrong_is_a_sentence(text, sentence, tmp_path):
    file = tmp_path / "sources.yaml"
    file.write_text(text)
    with pytest.raises(BadInput) as wrong:
        read_manifest(file, {})
    assert str(wrong.value).endswith(sentence)
    assert "sesame" not in str(wrong.value)


def test_a_date_and_a_secret_from_a_file_are_taken(tmp_path):
    (tmp_path / "token").write_text("sesame\n")
    (tmp_path / "s.yaml").write_text(f"{A}  start: 1958-03-29\n  auth_type: bearer\n  bearer_token: ${{file:token}}\n")
    (declared,) = read_manifest(tmp_path / "s.yaml", {})
    assert declared.config["bearer_token"] == "sesame"
    assert declared.config["start"].startswith("1958-03-29")
    assert "sesame" not in repr(declared)
