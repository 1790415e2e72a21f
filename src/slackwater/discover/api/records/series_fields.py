"""Chooses the series fields: few, stable, readable, and without colliding points."""

import re
from itertools import combinations, pairwise
from operator import itemgetter
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from slackwater.discover.api.records.mixtures import each_evenly, mixed_by
from slackwater.discover.api.records.value_fields import dated, is_no_value, numbers, surely_values
from slackwater.discover.inference.plausibility import is_unit
from slackwater.discover.inference.vocabulary import words_for
from slackwater.discover.inference.words import listed, set_of, words_of
from slackwater.errors import Question
from slackwater.formats.quantities import are_units
from slackwater.formats.timestamp_inference import infer_time_form
from slackwater.model.instants import from_micros

_STANDING_WORDS = set_of(
    "series station site sensor location parameter metric indicator variable channel device component pollutant item "
    "product species"
)
_PEOPLE = set_of(
    "customer person cliente pessoa client persona personne kunde klant klient elevation altitude altitud easting "
    "northing postal hohe hoehe seehohe seehoehe altitudine quota hoogte wysokosc freguesia distrito concelho local"
)
_PLACES = set_of(
    "region country city zone geo area town host room building river port airport hospital plant municipality "
    "district local localidade cidade municipio concelho freguesia distrito ciudad localidad provincia ville commune "
    "ort stadt gemeinde comune citta plaats miasto"
)
_SERIES_WORDS = (
    _STANDING_WORDS
    | _PLACES
    | (words_for("thing") - _PEOPLE)
    | set_of("name currency node gauge buoy stop asset equipment probe pump tank turbine inverter entity topic")
)
_THINGS = (words_for("thing") - _PEOPLE) | set_of(
    "station stations site sites sensor sensors device devices stop stops counter counters gauge gauges buoy buoys "
    "meter meters beach beaches tank tanks pump well probe turbine inverter asset equipment messstelle"
)
_FEWEST_THINGS = 3  # two may differ by chance
_NAME_WORDS = set_of("name label title text description")
_CODE_WORDS = set_of("id ids uuid guid oid code nr no number key iso href url uri")
_REMARKS = set_of(
    "status quality flag flags note notes comment comments remark remarks footnote footnotes method qc revision "
    "version state vintage updated modified created message"
)
_MOST_FIELDS = 4  # in the name of a series
_MOST_CROSSED = 130  # ages, depths or classes; people live to 122
_PRESENT = 0.8  # of the values at a time; chosen: some have no record there
_MOST_REVISIONS = 20  # chosen: statistics are seldom revised so often
_CLASSES = set_of(
    "category categories class classes classification rating grade band severity quality status alert risk color "
    "colour categoria categorie kategorie klasse classe clase klassifikation stufe niveau nivel"
)
_MANY_SIZES = 12  # different values from which on it is no chance that classes do not overlap
_MOST_LOOKED_AT = 12  # fields, in the search for those that tell records apart

Columns = dict[str, list[Any]]


def series_fields(columns: Columns, times: list[int | None], taken: set[str], home: str = "") -> tuple[str, ...]:
    """Return the fields that distinguish records of one time, () if none is needed.

    Fields whose names say that they name a series are taken even where no two records share a time, unless others that
    are taken already say the same. So are those whose records hold numbers of quite another size. `home` is what the
    list of the records is called.
    """
    columns, times = dated(columns, times)
    if each := _one_for_each(columns, times, taken, home):
        return (each,)
    rows = _distinct_rows(columns, times)
    # Where all records are of one time, those of different series are all that there is.
    once = len(rows) > 1 and len({times[row] for row in rows}) == 1
    dimensions = _without_doubles({path: columns[path] for path in _dimensions(columns, taken, once=once)})
    needed = _distinguishing(dimensions, times, rows)
    if needed is None:
        crossed = {path: cells for path, cells in columns.items() if path not in taken and _crossed(cells, times, rows)}
        needed = _distinguishing({**dimensions, **crossed}, times, rows) or ()
    named = [path for path in dimensions if _SERIES_WORDS & set(words_of(path)) and path not in needed]
    # Of stations, each of which gives few records, most names come once.
    things = [path for path, cells in columns.items() if path not in taken and _names_a_thing(path, cells, home)]
    named += [
        path for path in sorted(things, key=_rank) if path not in (*named, *needed) and len(set(columns[path])) > 1
    ]
    chosen = list(needed)
    for path in named:
        every = all(isinstance(cell, str) for cell in columns[path])
        known = [columns[each] for each in chosen]
        # Stations may be visited by turns, so that the month or the hour tells which.
        thing = _names_a_thing(path, columns[path], home)
        follows = (not thing and _of_the_season(columns[path], times)) or _of_the_size(path, columns, taken)
        if every and not _determined(columns[path], known) and not follows:
            chosen.append(path)
    for path, cells in columns.items():  # measurements in two units are no one series
        known = [columns[each] for each in chosen]
        if (
            path not in {*taken, *chosen}
            and (is_unit(path) or are_units(cells))
            and _few_texts(cells)
            and not _determined(cells, known)
        ):
            chosen.append(path)
    unseasonal = {path: cells for path, cells in dimensions.items() if not _of_the_season(cells, times)}
    if not chosen and (text := each_evenly(unseasonal, times) or mixed_by(unseasonal, columns, times, taken)):
        chosen.append(text)
    # What one of the later ones says as well is not said twice.
    for path in list(chosen):
        rest = [each for each in chosen if each != path]
        if rest and path not in needed and _determined(columns[path], [columns[each] for each in rest]):
            chosen.remove(path)
    return tuple(path for path in columns if path in chosen)


def _one_for_each(columns: Columns, times: list[int | None], taken: set[str], home: str) -> str | None:
    """Return the field that names another station in every record, each with its own time."""
    if len(set(times)) < 2 or len(times) < _FEWEST_THINGS:
        return None
    found = [
        path
        for path, cells in columns.items()
        if path not in taken
        and _names_a_thing(path, cells, home)
        and len(set(cells)) == len(cells)
        and all(type(cell) in (str, int) and cell != "" for cell in cells)
        and not infer_time_form(cells)
    ]
    return min(found, key=_rank, default=None)


def _of_the_size(path: str, columns: Columns, taken: set[str]) -> bool:
    """Check for classes of a value, such as `Good` below 50: they follow from it.

    Their field has a word for classes: two stations may each have values below those of the other as well.
    """
    texts = columns[path]
    if _CLASSES.isdisjoint(words_of(path)):
        return False
    changes = sum(earlier != later for earlier, later in pairwise(texts))
    if changes < 2 * len(set(texts)):  # in order of the stations, numbers of the records are apart, too
        return False
    for other in columns.keys() - taken:
        if is_no_value(other, columns[other]):
            continue
        both = [(cell, text) for cell, text in zip(columns[other], texts, strict=True) if type(cell) in (int, float)]
        ordered = sorted(both, key=itemgetter(0))
        steps = [(later[0] - earlier[0], later[1] != earlier[1]) for earlier, later in pairwise(ordered)]
        between = [step for step, apart in steps if apart]
        within = [step for step, apart in steps if not apart]
        if len({cell for cell, _ in both}) < _MANY_SIZES or len(between) != len(set(texts)) - 1:
            continue
        if between and min(between) > 0 and max(between) <= max(within, default=0):
            return True
    return False


def _names_a_thing(path: str, cells: list[Any], home: str) -> bool:
    """Check whether a field is a station's name or code, unlike `meterReading`."""
    *above, last = path.split(".")
    words = set(words_of(last))
    if words <= _CODE_WORDS | _NAME_WORDS:
        words |= set(words_of(above[-1] if above else home))
    coded = bool(words & _CODE_WORDS)
    return bool(words & _THINGS) and words <= _THINGS | _CODE_WORDS | _NAME_WORDS and (coded or numbers(cells) is None)


def _few_numbers(cells: list[Any]) -> bool:
    """Check for few whole numbers, such as those of revisions."""
    return all(type(cell) is int for cell in cells) and 2 <= len(set(cells)) <= _MOST_REVISIONS


def _few_texts(cells: list[Any]) -> bool:
    """Say whether cells are two or more texts that come again and again."""
    return all(isinstance(cell, str) for cell in cells) and 2 <= len(set(cells)) <= max(2, len(cells) // 5)


def standing_names(columns: Columns, taken: set[str], location: str) -> tuple[str, ...]:
    """Return constant fields with names of series fields, codes left out.

    Where a source has more pages, its other series may come on those; not where its URL selects this one. Nobody would
    know the series by codes.
    """
    in_location = set(re.split(r"[/?&=,:'\s]+", unquote_plus(location)))
    found = [
        path
        for path, cells in columns.items()
        if path not in taken
        and _STANDING_WORDS & set(words_of(path.rpartition(".")[2]))
        and len(set(map(repr, cells))) == 1
        and isinstance(cells[0], str)
        and cells[0].strip()
        and cells[0].strip() not in in_location
    ]
    return tuple(path for path in found if not _CODE_WORDS & set(words_of(path)[-1:]))[:_MOST_FIELDS]


def entry_labels(columns: Columns, taken: set[str], beside: set[str], location: str) -> tuple[str, ...]:
    """Return the labels that are the same in all lists of the sample.

    A list whose entry has an object of texts alone is the series that these tell: another window, or another day, may
    hold another. Not what the URL selects. `beside` are the fields that come from beside the lists.
    """
    objects: dict[str, list[str]] = {}
    for path in columns:
        if path.split(".")[0] in beside:
            objects.setdefault(path.split(".")[0], []).append(path)
    found = [
        path
        for paths in objects.values()
        if all("." in path and _texts(columns[path]) for path in paths)
        for path in paths
        if path not in taken and len(set(columns[path])) == 1 and not _REMARKS & set(words_of(path))
    ]
    selected = unquote_plus(urlsplit(location).query)
    free = [
        path
        for path in found
        if (text := columns[path][0].strip()) and not re.search(rf"(?<!\w){re.escape(text)}(?!\w)", selected)
    ]
    chosen = sorted(free, key=lambda path: (not _STANDING_WORDS & set(words_of(path.rpartition(".")[2])), _rank(path)))
    return tuple(sorted((path for path in free if path in chosen[:_MOST_FIELDS]), key=_rank))


def _texts(cells: list[Any]) -> bool:
    return all(isinstance(cell, str) for cell in cells) and not infer_time_form(cells)


def _of_the_season(cells: list[Any], times: list[int | None]) -> bool:
    """Check whether a field follows from month, weekday or hour, as `March` does."""
    moments = [(cell, from_micros(time)) for cell, time in zip(cells, times, strict=True) if time is not None]
    by_part = [[(at.month, at.isoweekday(), at.hour)[n] for _, at in moments] for n in range(3)]
    names = [cell for cell, _ in moments]
    return any(len(set(part)) > 1 and _determined(names, [part]) for part in by_part)


def _dimensions(columns: Columns, taken: set[str], *, once: bool) -> list[str]:
    """Return the possible series fields: repeated, varying texts or codes."""
    found = []
    for path, cells in columns.items():
        if path in taken or _REMARKS & set(words_of(path.rpartition(".")[2])):
            continue
        numeric = numbers(cells) is not None
        no_value = numeric and is_no_value(path, cells)
        if numeric and surely_values(path, cells):
            continue  # though written as texts
        if not all(isinstance(cell, str) or (type(cell) is int and no_value) for cell in cells):
            continue
        if 2 <= len(set(cells)) <= max(2, len(cells) if once else len(cells) // 2) and not infer_time_form(cells):
            found.append(path)
    return found


def _without_doubles(dimensions: Columns) -> Columns:
    """Return the fields without those that a better one already expresses."""
    left: Columns = {}
    for path in sorted(dimensions, key=lambda path: (numbers(dimensions[path]) is not None, *_rank(path))):
        cells = dimensions[path]
        if not any(_determined(cells, [other]) and _determined(other, [cells]) for other in left.values()):
            left[path] = cells
    return {path: cells for path, cells in dimensions.items() if path in left}


def _rank(path: str) -> tuple[bool, bool, bool]:
    """Return the sort key of equivalent fields: readable names first, codes last."""
    words = words_of(path)
    last = words_of(path.rpartition(".")[2])[-1:]
    return bool(_CODE_WORDS & set(last)), not _SERIES_WORDS & set(words), not _NAME_WORDS & set(last)


def _determined(cells: list[Any], by: list[list[Any]]) -> bool:
    """Say whether a field follows from the others."""
    if not by:
        return False
    keys = list(zip(*by, strict=True))
    return len(set(keys)) == len(set(zip(keys, cells, strict=True)))


def _distinct_rows(columns: Columns, times: list[int | None]) -> list[int]:
    """Return the positions of the timed records, without duplicates."""
    seen: dict[str, int] = {}
    for place, when in enumerate(times):
        if when is not None:
            seen.setdefault(repr([cells[place] for cells in columns.values()]), place)
    return list(seen.values())


def _distinguishing(dimensions: Columns, times: list[int | None], rows: list[int]) -> tuple[str, ...] | None:
    """Return the fewest fields that make every time unique; None if none do.

    () if it does without.
    """

    def apart(fields: tuple[str, ...]) -> bool:
        return len({(times[row], *(dimensions[path][row] for path in fields)) for row in rows}) == len(rows)

    if apart(()):
        return ()
    likeliest = sorted(
        dimensions, key=lambda path: (not _SERIES_WORDS & set(words_of(path)), len(set(dimensions[path])))
    )
    likeliest = likeliest[:_MOST_LOOKED_AT]
    for count in range(1, _MOST_FIELDS + 1):
        for fields in combinations(likeliest, count):
            if apart(fields):
                return fields
    return None


def _crossed(cells: list[Any], times: list[int | None], rows: list[int]) -> bool:
    """Check whether a numeric field has nearly the same few values at every time.

    Depths, heights and ages do.
    """
    values = set(cells)
    if not all(type(cell) in (int, float) for cell in cells) or not 2 <= len(values) <= _MOST_CROSSED:
        return False
    at_each: dict[int | None, set[Any]] = {}
    for row in rows:
        at_each.setdefault(times[row], set()).add(cells[row])
    return len(at_each) > 1 and sum(map(len, at_each.values())) >= _PRESENT * len(values) * len(at_each)


def rivals_of(columns: Columns, times: list[int | None], series: tuple[str, ...], values: tuple[str, ...]) -> list[int]:
    """Return the times that have different values in records of one series."""
    held: dict[tuple[Any, ...], set[str]] = {}
    for place, when in enumerate(times):
        if when is not None:
            key = (when, *(columns[path][place] for path in series))
            held.setdefault(key, set()).add(repr([columns[field][place] for field in values]))
    return [key[0] for key, each in held.items() if len(each) > 1]


def refuse_rivals(
    columns: Columns,
    times: list[int | None],
    time: tuple[str, ...],
    series: tuple[str, ...],
    values: tuple[str, ...],
    numbered: list[dict[str, Any]],
) -> None:
    """Raise a Question if records of one time and series differ in value.

    `numbered` are the answers by which a field numbers the periods of the days, where one does.
    """
    rivals = len(rivals_of(columns, times, series, values))
    distinct = len({(when, *(columns[path][place] for path in series)) for place, when in enumerate(times)})
    if rivals <= max(1, distinct // 50):
        return
    texts = [
        path
        for path, cells in columns.items()
        if path not in (*time, *series, *values)
        and (all(isinstance(cell, str) for cell in cells) or _few_numbers(cells))
    ]
    # What leaves as many records to one another is no answer, nor what makes a series of nearly each.
    named = [path for path in texts if len(set(columns[path])) * 2 <= len(times)]
    helping = [path for path in named if len(rivals_of(columns, times, (*series, path), values)) * 2 < rivals]
    answers = [[*series, path] if series else path for path in helping]
    raise Question(
        f"Several records have the same {listed([*time, *series])} and different values, and no field alone tells them "
        f"apart{f' ({listed(texts)} were looked at)' if texts else ''}. Give series_field, or query_params that select "
        "one series.",
        field="date_field" if numbered else "series_field",
        choices=[],
        alternatives=numbered or [{"series_field": answer} for answer in answers],
    )
