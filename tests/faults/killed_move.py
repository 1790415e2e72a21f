"""`slackwater migrate-store` that kills itself at one of its commits to the target, before it or behind it.

killed_move.py NUMBER before|behind postgresql|sqlite WORDS…
"""

import os
import signal
import sys
from typing import Any

import sqlalchemy as sa

import slackwater.cli
from slackwater.store.move import copying

number, behind, target = int(sys.argv.pop(1)), sys.argv.pop(1) == "behind", sys.argv.pop(1)
copying.AT_ONCE["points"], copying.FEW = 3_000, 100
made = 0


def count(c: sa.Connection) -> None:
    global made  # noqa: PLW0603 - one for the process
    options = c.get_execution_options()
    reads = options.get("postgresql_readonly") or (target == "sqlite" and not options.get("slackwater_write"))
    if c.dialect.name != target or reads:
        return
    made += 1
    if made == number:
        raw: Any = c.connection.dbapi_connection
        if behind and target == "postgresql":
            raw.commit()
        elif behind:
            raw.execute("COMMIT")
        os.kill(os.getpid(), signal.SIGKILL)


sa.event.listen(sa.Engine, "commit", count)
slackwater.cli.main()
