"""`--output`: what is there is never harmed."""

import os
import threading
from pathlib import Path

import pytest

from slackwater.cli.output_target import OutputTarget
from slackwater.errors import BadInput


def write(name: Path, source: Path | None = None) -> None:
    with OutputTarget.checked(str(name), source).opened() as file:
        file.write("points\n")


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_the_source_itself_is_refused_by_whatever_name(tmp_path, link):
    source = tmp_path / "a.csv"
    source.write_text("precious")
    other = tmp_path / "b.csv"
    link(source, other)
    for name in (source, other):
        with pytest.raises(BadInput, match="is the source itself"):
            write(name, source)
    assert source.read_text() == "precious"


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "points\n"


def test_a_pipe_is_written_and_stays_a_pipe(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[str] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text()))
    reader.start()
    write(pipe)
    reader.join(10)
    assert heard == ["points\n"]
    assert pipe.is_fifo()


def test_what_cannot_be_written_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(BadInput, match="there is no directory"):
        write(tmp_path / "nowhere" / "a.csv")
    with pytest.raises(BadInput, match="is a directory"):
        write(tmp_path)


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    target = tmp_path / "a.csv"
    target.write_text("old")

    def interrupted() -> None:
        with OutputTarget.checked(str(target), None).opened() as file:
            file.write("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
