"""Files as public statistics come: the share that is read to the point with only the file given, and none read wrongly.

Each file is discovered and read in this process, as a wrapper's process does it.
"""

import math
import sys
from collections import Counter
from dataclasses import dataclass

import pytest

import files_not_yet
from file_cases import Case, Points, cases
from runs import Recorder
from slackwater.discover.file.pipeline import discover
from slackwater.errors import BadSource, Question
from slackwater.model.instants import DAY
from slackwater.model.planning import Wanted
from slackwater.runtime.read_loop import read

SHARE = 0.95  # of the files must be read to the point with only the file given

KNOWN: dict[str, str] = files_not_yet.KNOWN
"""Cases that do not come out as they should, and why. One that does must leave the list."""

_OUTCOMES: dict[tuple[str, bool], "Outcome"] = {}
SURE, ASK = cases("sure"), cases("ask")


@dataclass(frozen=True)
class Outcome:
    """What came of a file: `exact`, `asked` (`detail` is the field), `refused` or `wrong`."""

    what: str
    detail: str = ""


async def outcome(case: Case, config: dict | None = None) -> Outcome:
    """Return what came of a file, found out once."""
    key = case.name, bool(config)
    if key not in _OUTCOMES:
        _OUTCOMES[key] = await _outcome(case, config)
    return _OUTCOMES[key]


async def _outcome(case: Case, config: dict | None) -> Outcome:
    """Discover the file, load the module, read the file with it, and compare."""
    kind = "CSV" if case.file_name.endswith((".csv", ".tsv", ".txt")) else "XLSX"
    orders = {"content": case.content, "file_name": case.file_name, "source_type": kind}
    try:
        found = await discover(Recorder(config={"file_id": "f", **(config or {})}, task="discover", **orders))
        scope: dict = {}
        exec(compile(found.code, case.name, "exec"), scope)
        run = Recorder(wanted=Wanted(period=DAY), **orders)
        await read(scope["wrapper"], run)
    except Question as question:
        return Outcome("asked", f"{question.field}: {question}")
    except BadSource as refusal:
        return Outcome("refused", str(refusal))
    wrong = difference(run.points, case.points)
    return Outcome("wrong", wrong) if wrong or (case.question and not config) else Outcome("exact")


def difference(seen: Points, expected: Points) -> str:
    """Return in words where points differ, nothing when they do not."""
    seen = {name: points for name, points in seen.items() if points}
    if seen.keys() != expected.keys():
        return f"series {sorted(seen)}, not {sorted(expected)}"
    for name, points in expected.items():
        if seen[name].keys() != points.keys():
            return f"times of {name!r}: {sorted(seen[name])}, not {sorted(points)}"
        far = [x for x, y in points.items() if not math.isclose(seen[name][x], y, rel_tol=1e-12)]
        if far:
            return f"values of {name!r}: {[seen[name][x] for x in far]}, not {[points[x] for x in far]}"
    return ""


@pytest.mark.parametrize("case", SURE, ids=lambda case: case.name)
async def test_a_file_gives_its_exact_points(case):
    seen = await outcome(case)
    assert (seen.what == "exact") != (case.name in KNOWN), seen


@pytest.mark.parametrize("case", ASK, ids=lambda case: case.name)
async def test_what_cannot_be_decided_is_asked(case):
    seen = await outcome(case)
    right = seen.what == "asked" and seen.detail.startswith(f"{case.question}: ")
    if right and case.given:
        seen = await outcome(case, case.given)
        right = seen.what == "exact"
    assert right != (case.name in KNOWN), seen


async def test_the_share_that_needs_no_help(capsys):
    seen = {case.name: await outcome(case) for case in SURE}
    asked = {case.name: await outcome(case) for case in ASK}
    counts = Counter(each.what for each in seen.values())
    lines = [f"{'file':<34} {'points':>6}  outcome"]
    for case in (*SURE, *ASK):
        each = (seen | asked)[case.name]
        lines.append(f"{case.name:<34} {case.count:>6}  {each.what} {each.detail[:160]}")
    lines.append(f"{counts['exact']} of {len(SURE)} files points-exact with only the file given")
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    wrong = [name for name, each in (seen | asked).items() if each.what == "wrong"]
    assert [name for name in wrong if name not in KNOWN] == []
    assert counts["exact"] >= SHARE * len(SURE)
