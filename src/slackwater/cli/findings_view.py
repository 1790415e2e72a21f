"""Prints the result of discovery: findings, first points, one line per series."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from rich.markup import escape
from rich.table import Table

from slackwater.cli.terminal import count, err, out, print_table
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, YEAR, iso
from slackwater.model.periodicity import name_of
from slackwater.pipe.frames import Failed, Finding, Found, Proof, Unclear

ROWS = 20  # first points that are printed; chosen: fit on a terminal of 24 lines
TABLE_WIDTH = 80  # columns of a terminal below which each finding has lines of its own
SERIES = 8  # series that get a column and a line
_BARS = "▁▂▃▄▅▆▇█"
_UNITS = (("year", YEAR), ("day", DAY), ("hour", HOUR), ("minute", MINUTE), ("second", SECOND))
_CONFIDENCE = ((0.9, "high", "green"), (0.7, "medium", "yellow"), (0.0, "low", "red"))


def show(found: Found, label: str, requests: int) -> None:
    """Print findings, sample and how to change what is wrong."""
    out.print(f"[bold]{escape(label)}[/bold]")
    if found.findings:
        _show_findings(found.findings)
    else:
        for note in found.notes:
            out.print(f"- {escape(note)}")
    if found.proof is not None:
        out.print()
        _show_proof(found.proof)
    every = f", {every_of(found.period)}" if found.period else ""
    requested = f"; {count(requests)} request{'' if requests == 1 else 's'}" if requests else ""
    series = count(found.proof.series_count if found.proof else 0)
    out.print(f"\n{series} series{every}{requested}. The module: --code. The same in a service: slackwater serve.")


def show_failure(failed: Failed) -> None:
    """Print what is known so far, and the question that is left."""
    if isinstance(failed, Unclear) and failed.findings:
        _show_findings(failed.findings)
    err.print(f"[red]{escape(failed.message)}[/red]")
    if isinstance(failed, Unclear):
        _show_answers(failed)


def _show_answers(failed: Unclear) -> None:
    for offer in failed.offers:
        said = " ".join(f"--set {name}={_quoted(_text(value))}" for name, value in offer.set.items())
        points = ", ".join(f"{each.series} {iso(each.x)} = {each.y:g}" for each in offer.preview[:3])
        err.print(f"  {escape(said)}\n    [dim]{escape(points)}[/dim]")
    if failed.field is not None and not failed.offers:
        for choice in failed.choices or ["…"]:
            err.print(f"  --set {escape(failed.field)}={escape(_quoted(choice))}")


def every_of(period: int) -> str:
    """Return a period as people call it: `monthly`, `one every 10 minutes`."""
    return name_of(period) or f"one every {span(period)}"


def span(micros: int) -> str:
    """Return a span in its largest whole unit, or nearly so: `day`, `10 minutes`."""
    name, unit = next(((name, unit) for name, unit in _UNITS if micros >= 0.99 * unit), _UNITS[-1])
    number = micros / unit
    rounded = round(number, 2)
    return name if abs(number - 1) < 0.02 else f"{rounded:g} {name}s"


def sparkline(values: Sequence[float]) -> str:
    """Return values as a line of bars; equal values are a line in the middle."""
    low, high = min(values), max(values)
    if low == high:
        return _BARS[3] * len(values)
    return "".join(_BARS[round((value - low) / (high - low) * (len(_BARS) - 1))] for value in values)


def _show_findings(findings: Sequence[Finding]) -> None:
    if out.is_terminal and out.width < TABLE_WIDTH:
        for line in _blocks(findings):
            out.print(line, soft_wrap=False)
    else:
        print_table(_findings(findings))


def _blocks(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield each finding as its own lines: a narrow terminal holds no five columns."""
    for finding in findings:
        word, colour = next((word, colour) for least, word, colour in _CONFIDENCE if finding.confidence >= least)
        said = f"[{colour}]({word} confidence)[/{colour}]"
        yield f"[bold]{escape(finding.what)}[/bold]: {escape(_text(finding.value))} {said}"
        yield f"  {escape(finding.reason)}"
        for each in finding.alternatives[:3]:
            yield f"  or {escape(_text(each.value))}: {escape(each.reason)}"
        if finding.field:
            yield f"  --set {escape(finding.field)}=…"


def _findings(findings: Sequence[Finding]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("what", "value", "confidence", "why", "change it with"):
        table.add_column(name, overflow="fold")
    for finding in findings:
        word, colour = next((word, colour) for least, word, colour in _CONFIDENCE if finding.confidence >= least)
        others = "".join(
            f"\nor {escape(_text(each.value))}: {escape(each.reason)}" for each in finding.alternatives[:3]
        )
        table.add_row(
            escape(finding.what),
            escape(_text(finding.value)),
            f"[{colour}]{word}[/{colour}]",
            escape(finding.reason + others),
            f"--set {escape(finding.field)}=…" if finding.field else "",
        )
    return table


def _show_proof(proof: Proof) -> None:
    names = list(dict.fromkeys(point.series for point in proof.sample))[:SERIES]
    rows: dict[int, dict[str, float]] = {}
    for point in proof.sample:
        rows.setdefault(point.x, {})[point.series] = point.y
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("time")
    for name in names:
        table.add_column(escape(name), justify="right")
    for x, values in list(rows.items())[:ROWS]:
        table.add_row(iso(x), *(f"{values[name]:g}" if name in values else "" for name in names))
    print_table(table)
    for name in names:
        line = [point.y for point in proof.sample if point.series == name]
        out.print(f"{sparkline(line)}  {escape(name)}: {min(line):g} … {max(line):g}")
    if proof.rejected_count:
        first = f", such as {proof.rejected[0].where}: {proof.rejected[0].reason}" if proof.rejected else ""
        out.print(f"[yellow]{count(proof.rejected_count)} records cannot be read{escape(first)}[/yellow]")


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list | tuple) and value:
        return ", ".join(f"({_text(each)})" if isinstance(each, list | tuple) else _text(each) for each in value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _quoted(text: str) -> str:
    return text if text.replace("_", "").replace(".", "").isalnum() else f"'{text}'"
