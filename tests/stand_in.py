"""Lets scripts call `slackwater` without the second that an interpreter takes to load it.

    script ── the stand-in ── these tests ── the process that has loaded all ── slackwater

The stand-in hands its words, environment, folder and open files on, and ends with the exit code of what then runs. A
signal ends the stand-in alone: who sends one to the program wants the real one.
"""

import array
import contextlib
import json
import os
import socket
import sys
import threading
from pathlib import Path

import loaded

LONGEST_CALL = 150_000  # bytes of words and environment, as of an order to the process that has loaded all
STAND_IN = """#!{python} -SE
import array, json, os, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
    line.connect({address!r})
    call = json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]).encode()
    line.sendmsg([call], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
    sys.exit(int(line.recv(16)))
"""


class StandIn:
    """An executable file that stands in for `slackwater` until it is closed."""

    def __init__(self, program: Path) -> None:
        address = program.with_suffix(".socket")
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.bind(str(address))
        self._line.listen()
        threading.Thread(target=self._answer, daemon=True).start()
        program.write_text(STAND_IN.format(python=sys.executable, address=str(address)))
        program.chmod(0o755)

    def close(self) -> None:
        """Answer no more calls."""
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()

    def _answer(self) -> None:
        while True:
            try:
                caller, _ = self._line.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._run, args=(caller,), daemon=True).start()

    @staticmethod
    def _run(caller: socket.socket) -> None:
        """Run what one call asks for, and tell its exit code."""
        with caller, contextlib.ExitStack() as stack:
            call, [(_, _, data)], _, _ = caller.recvmsg(LONGEST_CALL, socket.CMSG_SPACE(12))
            words, environment, folder = json.loads(call)
            files = [stack.enter_context(os.fdopen(number, "rb")) for number in array.array("i", data)]
            program = loaded.start(
                words, environment, cwd=Path(folder), stdin=files[0], stdout=files[1], stderr=files[2]
            )
            caller.send(b"%d" % program.wait(300))
