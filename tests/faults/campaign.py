"""The fault campaign: everything that may go wrong, on purpose and often, and one table of what it cost.

    make chaos                                    all of it: 1,000 and 100 kills, every boundary, every machine fault
    python tests/faults/campaign.py --short       the same faults, few of each
    python tests/faults/campaign.py "disk full"   that one
    python tests/faults/campaign.py --without "disk full"   all but that one

Two faults at a time, as most of a fault is waiting for what comes back; those that need the whole machine come last.

The store is watched from outside all the time (ledger.py): a promise that is broken for a moment is found, too.
"""

import argparse
import multiprocessing
import resource
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "acceptance")]

from boundaries import every_boundary, every_commit  # noqa: E402
from clockwork import set_clock, set_zone  # noqa: E402
from disks import becomes_read_only, disk_full, read_only, slow_disk  # noqa: E402
from kills import kill_fork_server, kill_guards, kill_service, kill_wrappers  # noqa: E402
from lost_nodes import (  # noqa: E402
    crowd_on_nodes,
    cut_off_nodes,
    frozen_nodes,
    killed_nodes,
    migrating_at_once,
    restarted_database,
    restarted_nodes,
    stops_while_nodes_die,
    unheard_stops,
)
from scarcity import killed_for_memory, out_of_address_space, out_of_descriptors, out_of_memory  # noqa: E402
from stand import Fault, Place, Row  # noqa: E402
from stops import crowd, stops_elsewhere, stubborn_groups  # noqa: E402


@dataclass(frozen=True)
class Entry:
    """A fault, and how often it is injected: in the short campaign, and in the long one.

    Of the two that go from commit to commit it is the most of them in one way of cutting, or in one life.
    """

    fault: Fault
    short: int
    long: int
    alone: bool = False  # needs the whole machine


FAULTS = {  # the longest first
    "a power cut at every commit, read by windows": Entry(partial(every_commit, kind="windows"), 1, 1000),
    "a cut at every commit boundary": Entry(every_boundary, 3, 40),
    "a power cut at every commit, read whole": Entry(partial(every_commit, kind="whole"), 1, 1000),
    "a power cut at every commit, of a file": Entry(partial(every_commit, kind="file"), 1, 1000),
    "kill -9 of wrapper processes": Entry(kill_wrappers, 12, 1000),
    "kill -9 of the service": Entry(kill_service, 2, 100),
    "kill -9 of guards": Entry(kill_guards, 3, 50),
    "kill -9 of the fork server": Entry(kill_fork_server, 2, 50),
    "nodes: a stop while the node dies": Entry(stops_while_nodes_die, 3, 30),
    "nodes: SIGSTOP past the lease": Entry(frozen_nodes, 1, 20),
    "nodes: cut off from the database": Entry(cut_off_nodes, 1, 20),
    "nodes: kill -9": Entry(killed_nodes, 1, 20),
    "nodes: PostgreSQL restarted under load": Entry(restarted_database, 2, 20),
    "nodes: all restarted in turn": Entry(restarted_nodes, 1, 5),
    "nodes: a stop that the other does not hear": Entry(unheard_stops, 2, 30),
    "nodes: migrating at once": Entry(migrating_at_once, 1, 10),
    "stop on another node": Entry(stops_elsewhere, 2, 50),
    "stop of stubborn groups": Entry(stubborn_groups, 2, 20),
    "slow disk, kill -9 of the service": Entry(slow_disk, 1, 20),
    "disk full": Entry(disk_full, 1, 20),
    "start on a read-only directory": Entry(read_only, 1, 5),
    "the directory becomes read-only": Entry(becomes_read_only, 2, 20),
    "out of descriptors": Entry(out_of_descriptors, 1, 20),
    "out of address space": Entry(out_of_address_space, 1, 20),
    "a wrapper takes all memory": Entry(out_of_memory, 1, 10, alone=True),
    "killed for want of memory": Entry(killed_for_memory, 1, 20, alone=True),
    "clock set back and forth": Entry(set_clock, 5, 100),
    "time zone and summer time": Entry(set_zone, 1, 8),
    "started and stopped at once": Entry(crowd, 25, 1000, alone=True),
    "nodes: stopped at once": Entry(crowd_on_nodes, 20, 200, alone=True),
}


def perform(name: str, place: Place, *, share: float = 0.0) -> Row:
    """Inject one fault that share of the long campaign's times, but no fewer than the short one's."""
    entry, row = FAULTS[name], Row(name)
    try:
        entry.fault(row, place, max(entry.short, round(entry.long * share)))
    except AssertionError as error:
        row.broken.append(str(error))
    except Exception as error:  # noqa: BLE001 - the other faults, and what they cost, must not go down with it
        traceback.print_exc()
        row.broken.append(f"{type(error).__name__}: {error}")
    return row


def timed(name: str, place: Place, share: float) -> tuple[Row, float]:
    """Inject one fault in a process of its own; also the seconds that it took."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(65536, most), most))
    began = time.monotonic()
    return perform(name, place, share=share), time.monotonic() - began


def table(rows: list[Row]) -> str:
    """The one table."""
    head = ("fault", "injected", "lost", "doubled", "zombies", "recovery")
    cells = [head] + [
        (row.fault, f"{row.injected:,}", str(row.lost), str(row.doubled), str(row.zombies), f"{row.recovery:.2f} s")
        for row in rows
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    lines = []
    for line in cells:
        first, *others = (
            cell.ljust(width) if not number else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        lines.append("  ".join([first, *others]))
    lines.insert(1, "-" * len(lines[0]))
    lines += [f"{row.fault}: skipped: {row.skipped}" for row in rows if row.skipped]
    lines += [f"{row.fault}: {row.notes}" for row in rows if row.notes]
    lines += [f"{row.fault}: BROKEN: {what}" for row in rows for what in row.broken]
    return "\n".join(lines)


def main() -> int:
    """Run the campaign that the command line asks for; 0 when every promise was kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=f"some of: {'; '.join(FAULTS)}")
    parser.add_argument("--without", action="append", default=[], metavar="FAULT", help="leave one out")
    parser.add_argument("--short", action="store_true", help="few of each")
    parser.add_argument("--share", type=float, default=1.0, help="of the long campaign's times, e.g. 0.1")
    parser.add_argument("--plant", help="with a planted bug, which it should find")
    parser.add_argument("--jobs", type=int, default=2, help="faults at a time")
    asked = parser.parse_args()
    place = Place(plant=asked.plant)
    share = 0.0 if asked.short else asked.share
    names = [name for name in asked.faults or FAULTS if name not in asked.without]
    if unknown := {*asked.faults, *asked.without} - FAULTS.keys():
        parser.error(f"no such fault: {', '.join(unknown)}; there are: {'; '.join(FAULTS)}")
    rows: dict[str, Row] = {}
    for alone, jobs in ((False, asked.jobs), (True, 1)):
        with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
            work = [pool.submit(timed, name, place, share) for name in names if FAULTS[name].alone == alone]
            for done in as_completed(work):
                row, seconds = done.result()
                rows[row.fault] = row
                verdict = row.skipped or ("kept" if row.clean else "BROKEN")
                sys.stderr.write(f"{row.fault}: {verdict} ({seconds:.0f} s)\n")
                sys.stderr.writelines(f"    {what}\n" for what in row.broken)
    sys.stdout.write(table([rows[name] for name in names]) + "\n")
    return 0 if all(row.clean for row in rows.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
