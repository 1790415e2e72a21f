"""What a field or column called a quarter, a half-year or a week says, where its cells could be months too. Pure."""

import re
from collections.abc import Iterable, Sequence

from slackwater.errors import Question
from slackwater.runtime.headers import cell_text

_WORDS = {
    "quarter": frozenset({"quarter", "quarters", "qtr", "trimestre", "trimestres", "trim", "quartal"}),
    "half": frozenset({"half", "semester", "semestre", "semestres", "halfyear"}),
    "week": frozenset({"week", "weeks", "yearweek", "isoweek", "epiweek", "semana", "semaine", "woche", "kw"}),
}
_NUMBERS = {"quarter": range(1, 5), "half": range(1, 3), "week": range(1, 54)}
_FIRST_MONTHS = {"quarter": {1, 4, 7, 10}, "half": {1, 7}, "week": set[int]()}  # by which some write such a part
_MONTHLY = frozenset({"iso", "%Y%m", "%Y/%m", "%m/%Y", "%m-%Y", "%m.%Y"})
_NUMBERED = re.compile(r"\d{4}[-/.]?(?P<after>\d{1,2})|(?P<before>\d{1,2})[-/.]\d{4}", re.ASCII)


def refuse_months(name: str, words: Iterable[str], form: str, cells: Sequence[object]) -> None:
    """Question where `form` reads months, and the name of the cells says that their numbers are of another part."""
    said = next((part for part, names in _WORDS.items() if not names.isdisjoint(words)), None)
    if said is None or form not in _MONTHLY:
        return
    texts = [text for text in map(cell_text, cells) if text]
    matches = [match for text in texts if (match := _NUMBERED.fullmatch(text))]
    numbers = {int(match["after"] or match["before"]) for match in matches}
    if len(matches) * 10 < len(texts) * 9 or not numbers or numbers <= _FIRST_MONTHS[said]:
        return
    if all(number in _NUMBERS[said] for number in numbers):
        raise Question(
            f"The times in `{name}`, such as {texts[0]!r:.60}, can be a {said} by its number or a month. Give "
            "date_format.",
            field="date_format", choices=[said, form],
        )  # fmt: skip
