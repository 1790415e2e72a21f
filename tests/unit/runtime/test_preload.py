"""What the fork server has ready for its children."""

import subprocess
import sys

import slackwater
from slackwater.workbench import ENTRY, PRELOAD

LOADED = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(*sys.modules)
"""


def test_whatever_a_module_may_import_of_ours_is_loaded_before_the_fork():
    """A child may not write, so what it loads itself it may have to compile, each time."""
    command = [sys.executable, "-c", LOADED, ENTRY.partition(":")[0], *PRELOAD]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert set(slackwater._HOME.values()) - set(loaded) == set()
