"""Thousands of ways to write down what is known, each read in this process: exact, asked, or a fault.

    make corpus SEED=7 COUNT=10000           # a table by mutation; fails on a wrong or silently missing point
    python tests/corpus/mutations.py --seed 7 --index 4711 --show     # one of them, with its file and what was found

A mutation is named by its seed and index alone. Outcomes:
exact       every point, and no other
asked       a question that is right: the writing leaves a doubt; of them
helped      have the exact answer among their alternatives
over-asked  a question or refusal though the writing leaves no doubt
counted     only true points, and what is missing is counted as rejected
missing     only true points, and what is missing is told nowhere
wrong       a point that is not in the table
"""

import argparse
import asyncio
import json
import logging
import math
import os
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx

if __name__ == "__main__":  # as pytest does it
    sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

import mutated_answers
import mutated_layouts
from mutated_answers import URL, AnswerDraft, Provider
from mutated_tables import Draft, Kind, Points, drafted
from runs import Recorder
from slackwater.discover.main import discover
from slackwater.errors import BadSource
from slackwater.model.instants import DAY, YEAR, iso
from slackwater.model.planning import Wanted
from slackwater.runtime.process.main import load
from slackwater.runtime.read_loop import read

FAULTS = ("wrong", "missing")
MOST_ASKED = 0.1  # of what could have been read exactly
MOST = {"text": 2, "columns": 2}  # kinds of a group in one mutation; one of all others
ANSWERS = 0.25  # share of the mutations that are answers of APIs; the others are files
PART = 200  # mutations that one process judges at once
SURE = 0.95  # a confidence that has to be right in 99 of 100


@dataclass(frozen=True)
class Outcome:
    """What came of one mutation."""

    index: str
    kinds: tuple[str, ...]
    what: str
    said: str = ""
    helped: bool = False  # the exact reading is among the alternatives
    confidence: float | None = None  # the least of all findings of what was found
    content: bytes = field(default=b"", repr=False)
    code: str = field(default="", repr=False)


class Collisions(Recorder):
    """Keeps what a source hands over, and counts the points that would take the place of others."""

    overwritten = 0

    async def store(self, page, window):
        for series, (times, values) in page.columns.items():
            held = dict(self.points.get(series, {}))
            for at, value in zip(times, values, strict=True):
                self.overwritten += held.get(at, value) != value
                held[at] = value
        await super().store(page, window)


def mutated(seed: int, index: int) -> Draft:
    """The draft of a seed and an index, with its kinds."""
    rng = Random(f"{seed}/{index}")
    sort: type[Draft] = AnswerDraft if rng.random() < ANSWERS else Draft
    of = mutated_answers.GROUPS if sort is AnswerDraft else mutated_layouts.GROUPS
    chosen: list[Kind] = []
    groups = rng.sample(list(of), rng.choice([1, 1, 2, 2, 3, 3, 4]))
    for name, kinds in of.items():
        if name in groups and not (name == "spoiled" and rng.random() < 0.7):
            chosen += rng.sample(kinds, min(len(kinds), rng.randint(1, MOST.get(name, 1))))
    chosen = list(dict.fromkeys(chosen))
    base = rng.random()
    while True:
        draft = drafted(Random(base), sort)
        if isinstance(draft, AnswerDraft):
            draft.plain()
        unfit = next((kind for kind in chosen if kind(draft) is False), None)
        if unfit is None:
            draft.kinds = [kind.__name__ for kind in chosen] or ["plain"]
            return draft
        chosen.remove(unfit)


async def judged(draft: Draft, index: str) -> Outcome:
    """Discover the file or the API, read it, and compare."""
    if isinstance(draft, AnswerDraft):
        provider = Provider(draft)
        async with httpx.AsyncClient(transport=provider) as http:
            body = json.dumps(provider.answer({})[0], ensure_ascii=False)[:2_000].encode()
            return await _judged(draft, index, {"http": http, "source_type": "API"}, {"location": URL}, body)
    name, content = draft.file()
    orders = {"content": content, "file_name": name, "source_type": "XLSX" if draft.workbook else "CSV"}
    return await _judged(draft, index, orders, {"file_id": "f", **draft.config}, content)


async def _judged(draft: Draft, index: str, orders: dict, config: dict, content: bytes) -> Outcome:
    kinds = tuple(draft.kinds)
    wanted = Wanted(period=DAY, start=draft.times[0] - 3 * YEAR)
    try:
        found = await discover(Recorder(config=config, task="discover", **orders))
    except BadSource as asked:
        what = "asked" if draft.doubts else "over-asked"
        helped = False
        for each in asked.offers:
            run, _ = await reading(orders, config | each.set)
            helped = helped or compare(run.points, draft.series)[0] == "exact"
        return Outcome(index, kinds, what, f"{type(asked).__name__} {asked.field}: {asked}", helped, content=content)
    confidence = min((each.confidence for each in found.findings), default=1.0)
    run = Collisions(wanted=wanted, **orders)
    try:
        await read(load(found.code), run)
    except BadSource as refused:
        what = "asked" if draft.doubts else "over-asked"
        return Outcome(index, kinds, what, f"reading: {refused}", content=content, code=found.code)
    what, said = compare(run.points, draft.series)
    if run.overwritten:
        what, said = "asked" if draft.doubts else "over-asked", f"ends in error: {run.overwritten} points overwritten"
    elif what == "missing" and run.rejected_count:
        what = "counted"
    return Outcome(index, kinds, what, said, confidence=confidence, content=content, code=found.code)


async def reading(orders: dict, config: dict) -> tuple[Recorder, str]:
    """What is read with a configuration that discovery has offered."""
    found = await discover(Recorder(config=config, task="discover", **orders))
    run = Recorder(wanted=Wanted(period=DAY), **orders)
    await read(load(found.code), run)
    return run, found.code


def compare(seen: Points, expected: Points) -> tuple[str, str]:
    """Return the outcome, and in words what differs. What a series is called is not at stake."""
    left = {name: line for name, line in expected.items() if line}
    short = 0
    for name, line in sorted(seen.items(), key=lambda item: -len(item[1])):
        if not line:
            continue
        pick = max(left, key=lambda each: _alike(line, left[each]), default=None)
        if pick is None or _alike(line, left[pick]) < len(line):
            at, value = _odd(line, expected.get(name) or (left[pick] if pick is not None else {}))
            return "wrong", f"{name!r} has {len(line)} points, such as {iso(at)} = {value}"
        short += len(left[pick]) - len(line)
        del left[pick]
    short += sum(map(len, left.values()))
    return ("missing", f"{short} points; no {sorted(left)}") if short else ("exact", "")


def _alike(line: dict[int, float], other: dict[int, float]) -> int:
    return sum(at in other and math.isclose(value, other[at], rel_tol=1e-6, abs_tol=1e-9) for at, value in line.items())


def _odd(line: dict[int, float], other: dict[int, float]) -> tuple[int, float]:
    wrong = [
        each
        for each in sorted(line.items())
        if each[0] not in other or not math.isclose(each[1], other[each[0]], rel_tol=1e-6, abs_tol=1e-9)
    ]
    return (wrong or sorted(line.items()))[0]


def outcomes(seed: int, indices: Iterable[int]) -> list[Outcome]:
    """Judge the mutations of a seed."""

    async def all_of() -> list[Outcome]:
        return [await judged(mutated(seed, index), f"{seed}/{index}") for index in indices]

    before = logging.root.manager.disable
    # Other tests of the same process read what is logged.
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return asyncio.run(all_of())
    finally:
        logging.disable(before)


def table(found: Sequence[Outcome]) -> str:
    """Return the outcomes by mutation."""
    columns = ("exact", "asked", "helped", "over-asked", "counted", "missing", "wrong")
    rows: dict[str, Counter[str]] = {}
    for each in found:
        for kind in (*dict.fromkeys(each.kinds), "TOTAL"):
            counts = rows.setdefault(kind, Counter())
            counts[each.what] += 1
            counts["helped"] += each.helped
            counts["all"] += 1
    lines = [f"{'mutation':<22}{'all':>7}" + "".join(f"{name:>12}" for name in columns)]
    for kind in sorted(rows, key=lambda each: (each == "TOTAL", each)):
        lines.append(f"{kind:<22}{rows[kind]['all']:>7}" + "".join(f"{rows[kind][name] or '':>12}" for name in columns))
    sure = [each for each in found if each.confidence is not None and each.confidence >= SURE]
    right = sum(each.what == "exact" for each in sure)
    possible = sum(each.what in {"exact", "over-asked", "counted"} for each in found)
    lines.append(f"told at {SURE:g} or more: {len(sure):,}, of which {right / max(1, len(sure)):.2%} exact")
    lines.append(f"asked where an exact answer was possible: {rows['TOTAL']['over-asked'] / max(1, possible):.2%}")
    return "\n".join(lines)


def judged_by_all(seed: int, count: int) -> list[Outcome]:
    """Judge the first mutations of a seed on all cores, and tell how far it is."""
    parts = [range(first, min(first + PART, count)) for first in range(0, count, PART)]
    found: list[Outcome] = []
    with ProcessPoolExecutor() as pool:
        for each in pool.map(outcomes, [seed] * len(parts), parts):
            found += each
            sys.stderr.write(f"\r{len(found):,} of {count:,}" + ("\n" if len(found) == count else ""))
    return found


def say(*lines: str) -> None:
    """Write lines at once: a run takes minutes."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Judge many mutations, print the table and the faults; return how the process is to end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--index", type=int, help="only this one")
    parser.add_argument("--show", action="store_true", help="the file and what was found")
    parser.add_argument("--list", default="wrong,missing", help="the outcomes to list")
    parser.add_argument("--most", type=int, default=20, help="of those listed")
    given = parser.parse_args()
    say(f"seed {given.seed}")
    began = time.monotonic()
    found = judged_by_all(given.seed, given.count) if given.index is None else outcomes(given.seed, [given.index])
    for each in [each for each in found if each.what in given.list.split(",") or given.show][: given.most]:
        say(
            f"{each.what:<10} --seed {given.seed} --index {each.index.partition('/')[2]}  {' '.join(each.kinds)}: "
            f"{each.said[:300]}"
        )
        if given.show:
            say(each.content.decode("utf-8", "replace")[:3_000], each.code)
    say(table(found))
    say(f"{len(found):,} mutations in {time.monotonic() - began:.0f} s on {os.cpu_count()} cores")
    return any(each.what in FAULTS for each in found)


if __name__ == "__main__":
    sys.exit(main())
