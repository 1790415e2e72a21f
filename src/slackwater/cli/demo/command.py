"""Implements `slackwater demo`: three real sources, a stop and resume, and a comparison."""

import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import typer
from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from slackwater.cli.client import WRAPPERS, Refused, Service
from slackwater.cli.demo.check import Comparison, compare, reread
from slackwater.cli.demo.service import running_service
from slackwater.cli.demo.source import DATA, DemoSource, Points, co2_points, elnino_points, sunspot_points
from slackwater.cli.terminal import FAILED, INTERRUPTED, count, fail, leaving_on_signals, out, print_table, status_text

HALF_WAY = 0.4  # of the points: when the API wrapper is stopped
STILL_SECONDS = 2.5  # how long the demo looks whether anything moves after the stop
STAGE_SECONDS = 45.0  # for one stage, before the demo gives up
LOOK_SECONDS = 0.15  # between two looks at the wrappers
LINE_SECONDS = 1.0  # between two lines, where there is no terminal to draw on
BAR = 16  # characters of the progress bar; chosen: fits beside the counts in 80 columns

canvas = Console(highlight=False)


@dataclass
class Followed:
    """One wrapper of the demo: its expected result and last state."""

    name: str
    expected: Points
    seen: dict[str, Any]

    @property
    def wrapper_id(self) -> str:
        """The wrapper's id."""
        return str(self.seen["wrapper_id"])

    @property
    def points(self) -> int:
        """How many points it has stored."""
        return int(self.seen["data_points_count"])

    @property
    def settled(self) -> bool:
        """Whether it has read all that its source holds."""
        status, phase = self.seen["status"], self.seen["phase"]
        return bool(status == "completed" or (status == "executing" and phase == "continuous"))


def register(top: typer.Typer, name: str, summary: str) -> None:
    """Add the command to the application."""
    top.command(
        name,
        help=f"{summary}\n\nA service of its own on a temporary directory, real public-domain data, about half a "
        "minute. Exits with 1 if what is stored differs from what the sources hold.",
    )(demo)


def demo() -> None:
    """Run the demo."""
    try:
        with leaving_on_signals(), DemoSource() as source, running_service() as service:
            good = _story(source, service)
    except Refused as refused:
        fail(str(refused))
    except KeyboardInterrupt:
        out.print("\nInterrupted; the service is stopped and its directory removed.")
        raise typer.Exit(INTERRUPTED) from None
    _where_next()
    if not good:
        raise typer.Exit(FAILED)


def _story(source: DemoSource, service: Service) -> bool:
    out.print(f"[bold]1.[/bold] A service runs at {service.url}, a source with history at {source.url}")
    followed = _generate(source, service)
    api = followed[0]
    out.print("[bold]2.[/bold] Three wrappers are generated; what was not said about the sources is detected")
    _watch(service, followed, lambda: api.points >= HALF_WAY * len(api.expected))
    _show_module(api)
    stopped_well = _stop(source, service, api)
    asked_before = len(source.served)
    dates_before = _dates(service, api)
    covered = service.get(f"{WRAPPERS}/{api.wrapper_id}/checkpoint")["covered"]
    service.post(f"{WRAPPERS}/{api.wrapper_id}/execute", params={"wait": 0})
    out.print("[bold]4.[/bold] Executed again, it goes on from its checkpoint")
    _watch(service, followed, lambda: all(each.settled for each in followed))
    again = reread(source.served[asked_before:], covered, dates_before)
    out.print(
        f"   It took {asked_before} requests before the stop and {len(source.served) - asked_before} after it; "
        f"{again.requests} of these asked for a window that was covered, {again.records} brought a stored record again."
    )
    return _compared(service, followed) and stopped_well and again.requests == 0


def _generate(source: DemoSource, service: Service) -> list[Followed]:
    co2 = {"name": "CO2, Mauna Loa", "unit": "ppmv", "periodicity": "Weekly", "source": "CDIAC, ORNL"}
    sunspots = {"name": "Sunspots", "periodicity": "Yearly", "source": "NOAA"}
    elnino = {"name": "Sea surface, Niño 1+2", "unit": "°C", "periodicity": "Monthly", "source": "NOAA"}
    api = {"source_type": "API", "source_config": {"location": source.url}, "metadata": co2}
    files = [("CSV", "sunspots.csv", sunspots, sunspot_points()), ("XLSX", "elnino.xlsx", elnino, elnino_points())]
    followed = [Followed(co2["name"], co2_points(), service.post(f"{WRAPPERS}/generate", json=api))]
    for kind, file_name, metadata, expected in files:
        config = {"file_id": service.upload(DATA / file_name)["file_id"]}
        form = {"source_type": kind, "source_config": config, "metadata": metadata}
        followed.append(Followed(metadata["name"], expected, service.post(f"{WRAPPERS}/generate", json=form)))
    return followed


def _watch(service: Service, followed: list[Followed], reached: Callable[[], bool]) -> None:
    """Show the wrappers until `reached`; Refused when one fails or time runs out."""
    deadline = time.monotonic() + STAGE_SECONDS
    next_line = 0.0
    with Live(_picture(followed), console=canvas, refresh_per_second=12) as live:
        while True:
            for each in followed:
                each.seen = service.wrapper(each.wrapper_id)
                if each.seen["status"] == "error":
                    raise Refused(f"{each.name}: {each.seen['error_message']}")
            live.update(_picture(followed))
            if reached():
                return
            if time.monotonic() > deadline:
                raise Refused(f"It takes longer than {STAGE_SECONDS:.0f} s. " + "; ".join(map(_line, followed)))
            if not out.is_terminal and time.monotonic() > next_line:
                next_line = time.monotonic() + LINE_SECONDS
                out.print("   " + "; ".join(_line(each) for each in followed if not each.settled))
            time.sleep(LOOK_SECONDS)


def _stop(source: DemoSource, service: Service, api: Followed) -> bool:
    path = f"{WRAPPERS}/{api.wrapper_id}"
    process_id = service.get(f"{path}/monitoring")["monitoring_details"].get("process_id")
    began = time.monotonic()
    answer = service.post(f"{path}/stop")
    took = time.monotonic() - began
    if not answer["success"]:
        raise Refused(answer["message"])
    out.print(f"[bold]3.[/bold] {answer['message']}, half-way, in {took * 1000:.0f} ms")
    before = _situation(source, service, api)
    _show_checkpoint(service, api)
    time.sleep(STILL_SECONDS)
    after = _situation(source, service, api)
    still = "{:,} points, {:,} runs, {:,} requests".format(*after)
    gone = process_id is None or not _exists(process_id)
    whose = f"process {process_id} is {'gone' if gone else '[red]STILL THERE[/red]'}" if process_id else "no process"
    moved = f"nothing has moved: {still}" if before == after else f"[red]SOMETHING MOVED[/red]: {before}, now {still}"
    out.print(f"   {STILL_SECONDS} s later: {whose}, {moved}")
    return gone and before == after


def _situation(source: DemoSource, service: Service, api: Followed) -> tuple[int, int, int]:
    """Return the counts that a stop must freeze: points, runs, requests received."""
    api.seen = service.wrapper(api.wrapper_id)
    runs = service.get(f"{WRAPPERS}/{api.wrapper_id}/runs", limit=100)
    return len(_dates(service, api)), len(runs), len(source.served)


def _dates(service: Service, api: Followed) -> set[str]:
    return {point["x"][:10] for point in service.points(api.seen["resource_id"])}


def _show_module(api: Followed) -> None:
    out.print(Panel(escape(api.seen["generated_code"].strip()), title="the API wrapper's module", expand=False))


def _show_checkpoint(service: Service, api: Followed) -> None:
    checkpoint = service.get(f"{WRAPPERS}/{api.wrapper_id}/checkpoint")
    parts = ", ".join(f"{part['start'][:10]} to {part['end'][:10]}" for part in checkpoint["covered"])
    page = checkpoint["page"]
    inside = f", and part of {page['window']['start'][:10]} to {page['window']['end'][:10]}" if page else ""
    out.print(f"   {line_of(api)}; the checkpoint covers {parts or 'no window yet'}{inside}")


def line_of(each: Followed) -> str:
    """Return how a wrapper stands, in colour."""
    return f"{status_text(each.seen['status'])}, {count(each.points)} of {count(len(each.expected))} points"


def _line(each: Followed) -> str:
    return f"{each.name}: {each.seen['status']}, {each.seen['phase']}, {each.points} of {len(each.expected)} points"


def _picture(followed: list[Followed]) -> Table | str:
    if not canvas.is_terminal:
        return ""
    table = Table("", "status", "phase", "back to", "points", box=None, padding=(0, 1))
    for each in followed:
        seen = each.seen
        share = min(1.0, each.points / len(each.expected))
        bar = f"[green]{'━' * round(BAR * share):{BAR}}[/green] {each.points:5,} / {len(each.expected):,}"
        mark = (seen["low_water_mark"] or "–")[:10]
        table.add_row(each.name, status_text(seen["status"]), seen["phase"], mark, bar)
    return table


def _compared(service: Service, followed: list[Followed]) -> bool:
    table = Table("stored against source, point by point", "in the source", "stored", "missing", "extra", "different")
    results: list[Comparison] = []
    for each in followed:
        results.append(compare(each.expected, service.points(each.seen["resource_id"])))
        result = results[-1]
        colour = "green" if result.same else "red"
        numbers = (result.expected, result.stored, result.missing, result.extra, result.different)
        table.add_row(each.name, *(f"[{colour}]{count(number)}[/{colour}]" for number in numbers))
    print_table(table)
    same = all(result.same for result in results)
    out.print("[green]Nothing lost, nothing doubled.[/green]" if same else "[red]Stored and source differ.[/red]")
    return same


def _where_next() -> None:
    """Print commands that work as printed: the program is named as it was called."""
    program = sys.argv[0] if os.sep in sys.argv[0] and shutil.which("slackwater") is None else "slackwater"
    out.print(
        f"\nWhere to look next\n"
        f"  {program} run FILE_OR_URL\n"
        f"      reads one source from the terminal, without a server\n"
        f"  {program} serve --data-dir ./slackwater-data\n"
        f"      your own service; its console at http://127.0.0.1:8080/, its API at http://127.0.0.1:8080/docs\n"
        f"  README.md, docs/tutorial.md\n"
        f"      the first sources, with the console and with curl",
        markup=False,
        soft_wrap=True,
    )


def _exists(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
