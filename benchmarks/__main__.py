"""`python -m benchmarks`: run them, show the tables, and write JSON if wanted."""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import (
    chart,
    clients,
    cluster,
    cluster_store,
    console,
    density,
    discovery,
    following,
    health,
    history,
    ingest,
    move,
    start,
    stop,
    vintages,
)
from benchmarks.report import Report

BENCHMARKS: dict[str, Callable[[bool], Report]] = {
    "stop": stop.measure,
    "start": start.measure,
    "density": density.measure,
    "discovery": discovery.measure,
    "ingest": ingest.measure,
    "history": history.measure,
    "console": console.measure,
    "chart": chart.measure,
    "vintages": vintages.measure,
    "clients": clients.measure,
    "health": health.measure,
    "cluster": cluster.measure,
    "cluster-store": cluster_store.measure,
    "cluster-following": following.measure,
    "move": move.measure,
}


def main() -> int:
    """Run what was asked for; 1 when something could not be measured, whatever the timings are."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    asked.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)}; without a name all of them")
    asked.add_argument("--quick", action="store_true", help="small sizes: shows that the benchmarks work, not how fast")
    asked.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file, too")
    given = asked.parse_args()
    if unknown := [name for name in given.names if name not in BENCHMARKS]:
        asked.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    where = surroundings(quick=given.quick)
    print("; ".join(f"{name} {value}" for name, value in where.items()), flush=True)
    results: dict[str, Any] = {}
    failed = False
    for name in given.names or BENCHMARKS:
        began = time.monotonic()
        try:
            report = BENCHMARKS[name](given.quick)
        except Exception as error:  # noqa: BLE001 - the others can still be measured
            traceback.print_exc()
            print(f"\n{name}: could not be measured: {error}", flush=True)
            results[name] = {"error": str(error)}
            failed = True
            continue
        took = time.monotonic() - began
        print(f"\n{name} – {report}\n  ({took:.0f} s)", flush=True)
        results[name] = {**report.form(), "seconds": round(took, 1)}
    if given.json:
        given.json.write_text(json.dumps({"surroundings": where, "benchmarks": results}, indent=2) + "\n")
    return int(failed)


def surroundings(*, quick: bool) -> dict[str, Any]:
    """What the figures depend on beside the code."""
    directory = tempfile.gettempdir()
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cpus": len(os.sched_getaffinity(0)),
        "load": "/".join(f"{load:.2f}" for load in os.getloadavg()),
        "directory": f"{directory} ({_file_system(directory)})",  # of the stores: its fsync counts in every stop
        "sizes": "quick" if quick else "full",
    }


def _file_system(directory: str) -> str:
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    path = Path(directory).resolve()
    holding = [(mount, kind) for mount, kind in mounts if path.is_relative_to(mount)]
    return max(holding, key=lambda each: len(each[0]))[1]


if __name__ == "__main__":
    sys.exit(main())
