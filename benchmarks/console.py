"""How long the console takes to make its pages when there is much to show."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx

from benchmarks.ground import directory, service
from benchmarks.report import Figure, Report
from service import KEY

sys.path.append(str(Path(__file__).parents[1] / "tests" / "browser"))

WRAPPERS, QUICK = 10_000, 500
AIM = 300.0  # ms
REPETITIONS = 15
WARM_UP = 2
VIEWS = (
    ("first page", "/"),
    ("searched, by points", "/?q=faro&sort=-points"),
    ("by name, last page", "/?sort=name&page={last}"),
    ("by health", "/?health=DEGRADED"),
)


def measure(quick: bool) -> Report:
    """Fill a store, then ask for each view of the overview and for the reference in turn."""

    count = QUICK if quick else WRAPPERS
    with directory() as place:
        # In a process of its own: what filling leaves in memory is not the service's.
        subprocess.run([sys.executable, "-c", _FILL, str(place / "data"), str(count)], check=True, env=_with_paths())
        with service(place) as running, httpx.Client(base_url=running.url, timeout=60) as client:
            assert client.post("/login", data={"key": KEY}).status_code == 303
            taken: dict[str, list[float]] = {name: [] for name, _ in VIEWS}
            reference: list[float] = []
            for turn in range(WARM_UP + REPETITIONS):
                for name, path in VIEWS:
                    took = _seconds(client, path.format(last=count // 50))
                    if turn >= WARM_UP:
                        taken[name].append(took)
                if turn >= WARM_UP:
                    reference.append(_seconds(client, "/resources/wrappers?limit=50"))
    bare = statistics.median(reference) * 1000
    return Report(
        title=f"the overview with {count:,} wrappers, whole request, median of {REPETITIONS}",
        figures=[
            Figure(name=name, value=statistics.median(taken[name]) * 1000, unit="ms", at_most=AIM, reference=bare)
            for name, _ in VIEWS
        ],
        notes=[
            "each wrapper with three runs and 60 points; a page shows 50 of them with health and sparkline, and totals",
            "reference: GET /resources/wrappers?limit=50 of the same service, which shows as many without totals",
        ],
    )


_FILL = "import sys; from pathlib import Path; from seeding import fill; fill(Path(sys.argv[1]), int(sys.argv[2]))"


def _with_paths() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}


def _seconds(client: httpx.Client, path: str) -> float:
    began = time.perf_counter()
    answer = client.get(path)
    took = time.perf_counter() - began
    if answer.status_code != 200:
        raise AssertionError(f"GET {path}: {answer.status_code} {answer.text[:300]}")
    return took
