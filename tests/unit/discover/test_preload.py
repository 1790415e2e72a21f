"""What each look needs is prepared in the parent of all, so that none of them spends its time on it."""

import subprocess
import sys
from pathlib import Path

from slackwater.workbench import PRELOAD

TESTS = Path(__file__).parents[2]
FEW = 40  # patterns that a look at a plain file still compiles itself, of some 160
LOOK = """
import asyncio, importlib, re, sys
sys.path.append({tests!r})
for name in {preload!r}:
    importlib.import_module(name)
from runs import Recorder
from slackwater.discover.main import discover

compiled, compile = [], re._compiler.compile
re._compiler.compile = lambda *given: compiled.append(given) or compile(*given)
rows = "".join(f"2024-01-{{day:02}},{{day * 7 % 5}}.5\\n" for day in range(1, 29))
orders = {{"task": "discover", "source_type": "CSV", "config": {{"file_id": "f"}}}}
asyncio.run(discover(Recorder(content=("time,level\\n" + rows).encode(), **orders)))
print(len(compiled))
"""


def test_a_look_at_a_plain_file_compiles_few_patterns() -> None:
    code = LOOK.format(tests=str(TESTS), preload=PRELOAD)
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert 0 < int(shown.stdout) < FEW
