"""Mutations of how a table writes its times. A kind returns False where it does not fit a draft."""

import tomllib
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

from mutated_tables import MONTHS, STEPS, Cell, Draft, Kind, wall
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, from_micros, to_micros


@cache
def languages() -> dict[str, list[list[str]]]:
    """The names of months in every language that CLDR has, as their publishers write them but for accents."""
    text = tomllib.loads(files("slackwater.formats").joinpath("months.toml").read_text("utf-8"))
    return {language: [month.split() for month in names.split("|")] for language, names in text.items()}


def _clock(draft: Draft, *forms: str) -> str:
    return "" if draft.of_days else draft.rng.choice(forms or (" %H:%M", " %H:%M:%S"))


def _days_tell(draft: Draft) -> bool:
    """Whether a day over 12 tells days from months."""
    return any(from_micros(time).day > 12 for time in draft.times)


def _first_of_months(draft: Draft) -> bool:
    return draft.step in MONTHS


def iso(draft: Draft) -> None:
    draft.when = wall(
        draft.rng.choice(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S.000", "%Y-%m-%d %H:%M:%S+00:00"])
    )


def offsets(draft: Draft) -> bool | None:
    if draft.of_days:
        return False
    hours = draft.rng.choice([1, 2, -3, 5.5])
    sign, whole = "+" if hours > 0 else "-", abs(hours)
    mark = f"{sign}{int(whole):02}{draft.rng.choice([':', ''])}{int(whole % 1 * 60):02}"
    draft.when = wall(f"%Y-%m-%dT%H:%M:%S{mark}", hours)
    return None


def offset_column(draft: Draft) -> bool | None:
    """An offset from UTC in a column of its own, which changes with the clocks."""
    if draft.step != "hour" or draft.layout != "columns":
        return False
    year = draft.rng.randint(2015, 2025)
    change = to_micros(datetime(year, 10, 31, 1, tzinfo=UTC))
    change -= (from_micros(change).isoweekday() % 7) * DAY
    _move(draft, change - draft.rng.randint(3, 20) * HOUR)
    shift = lambda time: 2 if time < change else 1  # noqa: E731
    draft.when = lambda time: [(from_micros(time) + timedelta(hours=shift(time))).strftime("%Y-%m-%d %H:%M")]
    name = draft.rng.choice(["UTC offset", "utc_offset", "offset", "tz_offset", "Zeitzone", "GMT offset"])
    form = draft.rng.choice(["+0{}:00", "+{}", "UTC+{}", "+0{}00"])
    draft.after.append((name, lambda n, time, _: form.format(shift(time))))
    draft.doubts.append("offset column")
    return None


def repeated_hour(draft: Draft) -> bool | None:
    """Local times through the night in which clocks go back, the zone given or not."""
    if (
        draft.step not in {"hour", "quarter hour"}
        or draft.layout != "columns"
        or draft.times[-1] - draft.times[0] < 7 * HOUR
    ):
        return False
    year = draft.rng.randint(2015, 2025)
    change = to_micros(datetime(year, 10, 31, 1, tzinfo=UTC))
    change -= (from_micros(change).isoweekday() % 7) * DAY
    _move(draft, change - 4 * HOUR)
    draft.when = lambda time: [
        (from_micros(time) + timedelta(hours=2 if time < change else 1)).strftime("%d/%m/%Y %H:%M")
    ]
    if draft.rng.random() < 0.6:
        draft.config["timezone"] = "Europe/Berlin"
    else:
        draft.doubts.append("repeated hour")
    return None


def _move(draft: Draft, start: int) -> None:
    """Shift the whole draft to another start."""
    far = start - draft.times[0]
    draft.times = [time + far for time in draft.times]
    draft.series = {name: {time + far: value for time, value in line.items()} for name, line in draft.series.items()}


def day_first(draft: Draft) -> None:
    mark = draft.rng.choice("/.-")
    draft.when = wall(f"%d{mark}%m{mark}%Y" + _clock(draft))
    if not _days_tell(draft) and not (_first_of_months(draft) and len(draft.times) > 12):
        draft.doubts.append("day or month")


def day_first_bare(draft: Draft) -> None:
    """`5/3/2024 9:05`: no zeros before."""
    clock = not draft.of_days

    def when(time: int) -> list[Cell]:
        at = from_micros(time)
        return [f"{at.day}/{at.month}/{at.year}" + (f" {at.hour}:{at.minute:02}" if clock else "")]

    draft.when = when
    if not _days_tell(draft) and not (_first_of_months(draft) and len(draft.times) > 12):
        draft.doubts.append("day or month")


def month_first(draft: Draft) -> None:
    mark = draft.rng.choice("/-")
    draft.when = wall(f"%m{mark}%d{mark}%Y" + _clock(draft))
    if not _days_tell(draft) and not (_first_of_months(draft) and len(draft.times) > 12):
        draft.doubts.append("day or month")


def year_first(draft: Draft) -> None:
    draft.when = wall(draft.rng.choice(["%Y/%m/%d", "%Y.%m.%d"]) + _clock(draft))


def short_year(draft: Draft) -> None:
    mark = draft.rng.choice("/.-")
    draft.when = wall(f"%d{mark}%m{mark}%y" + _clock(draft))
    _doubt_short_years(draft)
    draft.doubts.append("day, month or year")


def short_year_us(draft: Draft) -> None:
    draft.when = wall("%m/%d/%y" + _clock(draft, " %H:%M", " %I:%M:%S %p"))
    _doubt_short_years(draft)
    if not _days_tell(draft):
        draft.doubts.append("day or month")


def _doubt_short_years(draft: Draft) -> None:
    """Move some tables into the sixties, where the column or a person has to say so."""
    if draft.rng.random() < 0.5:
        at = from_micros(draft.times[0])
        year = draft.rng.randint(1935, 1968)
        if draft.step in MONTHS:
            far = (at.year - year) * 12
            days = [from_micros(time) for time in draft.times]
            moved = [to_micros(day.replace(year=day.year - far // 12)) for day in days]
            pairs = dict(zip(draft.times, moved, strict=True))
            draft.series = {
                name: {pairs[time]: value for time, value in line.items()} for name, line in draft.series.items()
            }
            draft.times = moved
        else:
            _move(draft, to_micros(at.replace(year=year, day=min(at.day, 28))))
    years = [from_micros(time).year for time in draft.times]
    if min(years) < 1969 and max(years) < 1970:
        draft.doubts.append("century")


def packed(draft: Draft) -> bool | None:
    draft.when = wall("%Y%m%d" + ("" if draft.of_days else draft.rng.choice(["%H%M", "%H%M%S"])))
    return None


def twelve_hours(draft: Draft) -> bool | None:
    if draft.of_days:
        return False
    form = draft.rng.choice(["%m/%d/%Y %I:%M %p", "%Y-%m-%d %I:%M:%S %p", "%d-%b-%Y %I:%M %p", "%m/%d/%Y %I:%M%p"])
    draft.when = wall(form)
    if "%m/%d" in form and not _days_tell(draft):
        draft.doubts.append("day or month")
    return None


def short_am(draft: Draft) -> bool | None:
    """`11:00p` beside its date, as weather stations write it."""
    if draft.of_days:
        return False

    def when(time: int) -> list[Cell]:
        at = from_micros(time)
        return [at.strftime("%Y-%m-%d"), f"{(at.hour + 11) % 12 + 1}:{at.minute:02}{'p' if at.hour > 11 else 'a'}"]

    draft.when, draft.time_names = when, ["Date", "Time"]
    return None


def words(draft: Draft) -> None:
    """Days with the name of their month, in any language."""
    language = draft.rng.choice(sorted(languages()))
    names = [draft.rng.choice(each) if draft.rng.random() < 0.3 else each[0] for each in languages()[language]]
    form = draft.rng.choice(["{d} {m} {y}", "{d:02}-{m}-{y}", "{d}. {m} {y}"])
    clock = not draft.of_days

    def when(time: int) -> list[Cell]:
        at = from_micros(time)
        return [form.format(d=at.day, m=names[at.month - 1], y=at.year) + (at.strftime(" %H:%M") if clock else "")]

    draft.when = when
    draft.doubts += _unsure_language(draft, names)


def _unsure_language(draft: Draft, names: list[str]) -> list[str]:
    """Whether another language has other months for the names that occur."""
    used = {from_micros(time).month for time in draft.times}
    for other in languages().values():
        numbers = {name: number for number, each in enumerate(other, 1) for name in each}
        if all(names[month - 1] in numbers for month in used) and any(numbers[names[m - 1]] != m for m in used):
            return ["language of months"]
    return []


def epoch(draft: Draft) -> bool | None:
    unit = draft.rng.choice([SECOND, 1000])
    draft.when = lambda time: [time // unit]
    draft.time_names = [draft.rng.choice(["timestamp", "time", "epoch", "Zeitpunkt", "ts"])]
    return draft.times[0] // SECOND > 10**8


def spreadsheet_dates(draft: Draft) -> bool | None:
    """Real dates of a workbook."""
    draft.workbook = True
    draft.when = lambda time: [from_micros(time).replace(tzinfo=None)]
    return draft.times[0] > 0


def serial_days(draft: Draft) -> bool | None:
    """Day numbers of a spreadsheet, as text."""
    if not draft.of_days:
        return False
    zero = to_micros(datetime(1899, 12, 30, tzinfo=UTC))
    draft.when = lambda time: [(time - zero) // DAY]
    draft.doubts.append("day numbers")
    return None


def date_and_clock(draft: Draft) -> bool | None:
    if draft.of_days:
        return False
    form = draft.rng.choice(["%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d"])
    clock = draft.rng.choice(["%H:%M", "%H:%M:%S"])
    draft.when = lambda time: [from_micros(time).strftime(form), from_micros(time).strftime(clock)]
    draft.time_names = list(
        draft.rng.choice(
            [("Date", "Time"), ("Data", "Hora"), ("Datum", "Uhrzeit"), ("Fecha", "Hora"), ("Date", "Heure")]
        )
    )
    if form == "%d.%m.%Y" and not _days_tell(draft):
        draft.doubts.append("day or month")
    return None


def hour_from_zero(draft: Draft) -> bool | None:
    if draft.step != "hour" or draft.times[-1] - draft.times[0] < DAY:
        return False
    draft.when = lambda time: [from_micros(time).strftime("%Y-%m-%d"), str(from_micros(time).hour)]
    draft.time_names = list(draft.rng.choice([("Date", "Hour"), ("Data", "Hora"), ("Datum", "Stunde")]))
    return None


def hour_from_one(draft: Draft) -> bool | None:
    """Hours 1 to 24; the first is that from 0:00 to 1:00, but who knows."""
    if draft.step != "hour" or draft.times[-1] - draft.times[0] < DAY:
        return False
    draft.when = lambda time: [from_micros(time).strftime("%Y-%m-%d"), str(from_micros(time).hour + 1)]
    draft.time_names = list(draft.rng.choice([("Date", "Hour"), ("Data", "Hora"), ("Date", "HE"), ("Data", "Periodo")]))
    draft.doubts.append("hours to 24")
    return None


def half_hours(draft: Draft) -> bool | None:
    """Settlement periods 1 to 48."""
    if draft.step != "half hour" or draft.times[-1] - draft.times[0] < DAY:
        return False
    name = draft.rng.choice([("Settlement Date", "Settlement Period"), ("Date", "Period"), ("date", "SP")])
    draft.when = lambda time: [from_micros(time).strftime("%Y-%m-%d"), str(time % DAY // (30 * MINUTE) + 1)]
    draft.time_names = list(name)
    draft.doubts.append("half-hours")
    return None


def ending_clock(draft: Draft) -> bool | None:
    """Clocks 01:00 to 24:00, the end of each hour: what a cell says is what is stored."""
    if draft.step != "hour":
        return False

    def when(time: int) -> list[Cell]:
        at = from_micros(time)
        if at.hour == 0:
            return [f"{from_micros(time - DAY):%Y-%m-%d} 24:00"]
        return [f"{at:%Y-%m-%d %H:%M}"]

    draft.when = when
    return None


def interval(draft: Draft) -> bool | None:
    """`begin/end` and the like: the point stands at the beginning."""
    if draft.step not in STEPS or draft.layout == "clocks_across":
        return False
    mark = draft.rng.choice(["/", " - ", " to ", " – "])
    form = "%Y-%m-%dT%H:%M:%SZ" if mark == "/" else "%Y-%m-%d %H:%M"
    length = STEPS[draft.step]
    draft.when = lambda time: [f"{from_micros(time).strftime(form)}{mark}{from_micros(time + length).strftime(form)}"]
    return None


def interval_with_length(draft: Draft) -> bool | None:
    """`begin/PT1H`."""
    length = {"quarter hour": "PT15M", "half hour": "PT30M", "hour": "PT1H", "day": "P1D"}.get(draft.step)
    draft.when = lambda time: [f"{from_micros(time):%Y-%m-%dT%H:%MZ}/{length}"]
    return length is not None and draft.layout != "clocks_across"


def begin_and_end(draft: Draft) -> bool | None:
    if draft.step not in STEPS:
        return False
    length = STEPS[draft.step]
    form = "%Y-%m-%d %H:%M"
    draft.when = lambda time: [from_micros(time).strftime(form), from_micros(time + length).strftime(form)]
    draft.time_names = list(draft.rng.choice([("From", "To"), ("Start", "End"), ("Begin", "Ende"), ("Início", "Fim")]))
    draft.doubts.append("begin or end")
    return None


def month_words(draft: Draft) -> bool | None:
    """`março 2024`, `jan/24` and the like, in any language."""
    if draft.step not in {"month"}:
        return False
    language = draft.rng.choice(sorted(languages()))
    names = [draft.rng.choice(each) for each in languages()[language]]
    form = draft.rng.choice(["{m} {y}", "{m}-{s:02}", "{m}/{s:02}", "{y} {m}", "{m}. {y}"])
    if "{s" in form:
        _doubt_short_years(draft)

    def when(time: int) -> list[Cell]:
        at = from_micros(time)
        return [form.format(m=names[at.month - 1].capitalize(), y=at.year, s=at.year % 100)]

    draft.when = when
    draft.doubts += _unsure_language(draft, names)
    return None


def month_codes(draft: Draft) -> bool | None:
    form = draft.rng.choice(["%YM%m", "%YMM%m", "%Y-%m", "%m/%Y", "%Y/%m", "%m.%Y", "%Y M%m"])
    draft.when = wall(form)
    if form == "%Y/%m" and len(draft.times) < 13:
        draft.doubts.append("season")
    return draft.step == "month"


def year_and_month(draft: Draft) -> bool | None:
    if draft.step != "month":
        return False
    name = draft.rng.choice(["number", "code", "word"])
    language, heads = draft.rng.choice(
        [
            ("en", ("Year", "Month")),
            ("pt", ("Ano", "Mês")),
            ("es", ("Año", "Mes")),
            ("de", ("Jahr", "Monat")),
            ("fr", ("Année", "Mois")),
            ("it", ("Anno", "Mese")),
            ("pl", ("Rok", "Miesiąc")),
            ("nl", ("Jaar", "Maand")),
        ]
    )
    write = {
        "number": lambda at: str(at.month),
        "code": lambda at: f"M{at.month:02}",
        "word": lambda at: languages()[language][at.month - 1][0],
    }[name]
    draft.when = lambda time: [str(from_micros(time).year), write(from_micros(time))]
    draft.time_names = list(heads)
    return None


def quarters(draft: Draft) -> bool | None:
    form = draft.rng.choice(
        [
            "{y}-Q{q}",
            "{y}Q{q}",
            "Q{q} {y}",
            "{q}T {y}",
            "{q}.º T {y}",
            "{y}K{q}",
            "T{q} {y}",
            "{q}Q{s:02}",
            "{y} Q0{q}",
            "{q}. Quartal {y}",
        ]
    )

    def when(time: int) -> list[Cell]:
        at = from_micros(time)
        return [form.format(y=at.year, q=(at.month + 2) // 3, s=at.year % 100)]

    draft.when = when
    if "{s" in form:
        draft.doubts.append("century")
    return draft.step == "quarter"


def year_and_quarter(draft: Draft) -> bool | None:
    form = draft.rng.choice(["Q{}", "{}", "Q0{}", "{}T", "T{}"])
    draft.when = lambda time: [str(from_micros(time).year), form.format((from_micros(time).month + 2) // 3)]
    draft.time_names = list(draft.rng.choice([("Year", "Quarter"), ("Ano", "Trimestre"), ("Jahr", "Quartal")]))
    return draft.step == "quarter"


def years(draft: Draft) -> bool | None:
    draft.when = lambda time: [from_micros(time).year]
    draft.time_names = [draft.rng.choice(["Year", "Ano", "Jahr", "Année", "Anno", "Rok", "Jaar"])]
    return draft.step == "year"


def weeks(draft: Draft) -> bool | None:
    form = draft.rng.choice(["%G-W%V", "%GW%V", "%G W%V"])
    monday = (draft.times[0] // DAY + 3) % 7
    if draft.step != "week":
        return False
    _move(draft, draft.times[0] - monday * DAY)
    draft.when = wall(form)
    return None


TIMES: tuple[Kind, ...] = (
    iso, offsets, offset_column, repeated_hour, day_first, day_first, day_first_bare, month_first, year_first,
    short_year, short_year_us, packed, twelve_hours, short_am, words, words, epoch, spreadsheet_dates,
    serial_days, date_and_clock, hour_from_zero, hour_from_one, half_hours, ending_clock, interval,
    interval_with_length, begin_and_end, month_words, month_words, month_codes, year_and_month, quarters,
    quarters, year_and_quarter, years, weeks,
)  # fmt: skip
