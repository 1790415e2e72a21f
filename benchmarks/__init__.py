"""Benchmarks: `python -m benchmarks [NAME …] [--quick] [--json FILE]`.

Each starts a real service on a directory of its own, with the settings that a user would have and the few that the
benchmark needs, and measures a reference in the same run. Timings are told, never enforced.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests"))  # `service.Service`, the same that the tests run
