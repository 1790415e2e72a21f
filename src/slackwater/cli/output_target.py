"""Opens the file that `--output` names, without harm to what is there."""

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from slackwater.errors import BadInput

STDOUT = "-"


@dataclass(frozen=True)
class OutputTarget:
    """Where points are written: standard output, a regular file, or a device or pipe."""

    path: Path | None  # resolved; None = standard output
    regular: bool = False

    @classmethod
    def checked(cls, name: str, source: Path | None) -> "OutputTarget":
        """Return the target of a name; BadInput if it is the source or read-only.

        Checked before anything is read, so that a long reading does not end with nothing to show.
        """
        if name == STDOUT:
            return cls(None)
        path = Path(name).resolve()  # the file that a link leads to is written, the link stays
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            mode = stat.S_IFREG
        except OSError as error:
            raise BadInput(f"--output {name} cannot be used: {error.strerror}.") from None
        if stat.S_ISDIR(mode):
            raise BadInput(f"--output {name} is a directory; give the name of a file in it.")
        if source is not None and path.exists() and source.exists() and os.path.samefile(source, path):
            raise BadInput(f"--output {name} is the source itself; give another file.")
        if not stat.S_ISREG(mode):
            if not os.access(path, os.W_OK):
                raise BadInput(f"--output {name} cannot be written: permission denied.")
            return cls(path)
        if not path.parent.is_dir():
            raise BadInput(f"--output {name}: there is no directory {path.parent}; make it first.")
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise BadInput(f"--output {name}: nothing may be written in {path.parent}; give another file.")
        return cls(path, regular=True)

    @contextlib.contextmanager
    def opened(self) -> Iterator[TextIO]:
        """Open the target for text; a regular file is replaced whole at the end.

        Half of it could be taken for all.
        """
        if self.path is None:
            yield sys.stdout
            sys.stdout.flush()
            return
        with self._written() as path, path.open("w", newline="", encoding="utf-8") as file:
            yield file

    @contextlib.contextmanager
    def opened_binary(self) -> Iterator[BinaryIO]:
        """Open the target for bytes, in the same way."""
        if self.path is None:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
            return
        with self._written() as path, path.open("wb") as file:
            yield file

    @contextlib.contextmanager
    def _written(self) -> Iterator[Path]:
        assert self.path is not None
        if not self.regular:
            yield self.path
            return
        partial = self.path.with_name(f"{self.path.name}.part")
        try:
            yield partial
            partial.replace(self.path)
        finally:
            partial.unlink(missing_ok=True)
