"""Mutations of how a table writes its numbers, and what it writes where it has none."""

from mutated_tables import Cell, Draft, Kind


def _digits(draft: Draft) -> int:
    texts = [repr(value) for line in draft.series.values() for value in line.values()]
    return max(len(text.partition(".")[2]) for text in texts)


def decimal_comma(draft: Draft) -> None:
    draft.number = lambda value: repr(value).replace(".", ",")
    draft.doubts += _three(draft)


def fixed_decimals(draft: Draft) -> None:
    digits, mark = _digits(draft), draft.rng.choice(".,")
    draft.number = lambda value: f"{value:.{digits}f}".replace(".", mark)
    draft.doubts += _three(draft)


def _three(draft: Draft) -> list[str]:
    """With three decimals a mark may be one of thousands; between commas everybody takes `"1,234"` for a thousand."""
    if _digits(draft) == 3:
        draft.delimiter = ";"
    return ["three decimals"] if _digits(draft) == 3 else []


def thousands(draft: Draft) -> None:
    mark, point = draft.rng.choice(
        [(",", "."), (".", ","), (" ", ","), ("\u00a0", ","), ("'", "."), ("\u202f", ","), ("’", ".")]
    )
    digits = _digits(draft)

    def number(value: float) -> Cell:
        text = f"{value:,.{digits}f}" if digits > 1 or value != int(value) else f"{value:,.0f}"
        return text.replace(",", "\0").replace(".", point).replace("\0", mark)

    draft.number = number
    if mark == ".":
        draft.delimiter = ";"  # between commas nobody writes 1.250 for a thousand and more
    texts = [str(number(value)) for line in draft.series.values() for value in line.values()]
    if not any(point in text for text in texts) or not any(mark in text for text in texts):
        draft.doubts.append("thousands")
    draft.doubts += _three(draft)


def whole_numbers(draft: Draft) -> None:
    draft.series = {
        name: {time: float(round(value)) for time, value in line.items()} for name, line in draft.series.items()
    }
    draft.number = int


def signed(draft: Draft) -> None:
    """Values around zero, and the ways of their minus."""
    middle = {name: sum(line.values()) / len(line) for name, line in draft.series.items()}
    digits = min(_digits(draft), 2)
    draft.series = {
        name: {time: round(value - middle[name], digits) + 0.0 for time, value in line.items()}
        for name, line in draft.series.items()
    }
    style = draft.rng.choice(["-{}", "{}-", "−{}", "({})", "-{}"])
    draft.number = lambda value: style.format(f"{-value:.{digits}f}") if value < 0 else f"{value:.{digits}f}"


def with_units(draft: Draft) -> None:
    unit = draft.rng.choice([" kWh", " €", "°C", " mm", " m3/s", "€", " MW"])
    draft.number = lambda value: f"{value!r}{unit}"
    draft.doubts.append("units")


def percent(draft: Draft) -> None:
    draft.series = {
        name: {time: round(value / 100, 6) for time, value in line.items()} for name, line in draft.series.items()
    }
    draft.number = lambda value: f"{round(value * 100, 4)!r}%"


def exponents(draft: Draft) -> None:
    draft.number = lambda value: f"{value:.6E}"


def missing(draft: Draft) -> None:
    """Holes, and the words for them."""
    draft.missing = draft.rng.choice(
        [
            "",
            "n/a",
            "NaN",
            "-",
            "..",
            "x",
            "N/A",
            "null",
            "ND",
            "(c)",
            ":",
            "-999",
            "-9999",
            "s/d",
            "*",
            "#N/A",
            "–",
            "...",
            "--",
        ]
    )
    for name, line in draft.series.items():
        holes = draft.rng.sample(draft.times, max(1, len(draft.times) // draft.rng.choice([4, 8, 20])))
        draft.series[name] = {time: value for time, value in line.items() if time not in holes}
    if draft.missing in {"-999", "-9999"}:
        draft.doubts.append("sentinel")


def missing_words(draft: Draft) -> None:
    """Words that no list has."""
    draft.missing = draft.rng.choice(
        ["geschlossen", "avariado", "closed", "hors service", "sin datos", "kein Wert", "no data", "trace"]
    )
    for name, line in draft.series.items():
        holes = draft.rng.sample(draft.times, max(1, len(draft.times) // draft.rng.choice([4, 8, 20])))
        draft.series[name] = {time: value for time, value in line.items() if time not in holes}
    draft.doubts.append("words")


NUMBERS: tuple[Kind, ...] = (
    decimal_comma, decimal_comma, fixed_decimals, thousands, thousands, whole_numbers, signed, with_units, percent,
    exponents,
)  # fmt: skip
HOLES: tuple[Kind, ...] = (missing, missing, missing_words)
