"""The faults are injected into the same scenes that the acceptance tests play."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "acceptance"))
