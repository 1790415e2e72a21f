"""Spans in the user's URL that count back from now."""

import pytest

from discovering import all_of, look
from slackwater.model.instants import DAY, HOUR, iso, parse_iso
from sources import Answer, Feed, SourceServer

NOW = parse_iso("2026-05-01T00:30:00Z")
FEED = Feed((NOW - HOUR // 2 - n * HOUR, round(n * 0.7 % 50, 2)) for n in range(2_100))
POINTS = FEED.points()["value"]


def answer_of(request, back: int | None, low: str | None = None, high: str | None = None):
    first = NOW - (back or DAY) if low is high is None else parse_iso(low or "1990-01-01")
    last = NOW if high is None else parse_iso(high)
    rows = sorted((time, value) for time, value in POINTS.items() if first <= time <= last)
    return Answer({"values": [{"time": iso(time), "level": value} for time, value in rows]})


def beside_a_range(request):
    span, low, high = (request.query.get(name) for name in ("period", "startDT", "endDT"))
    if span and (low or high):
        return Answer({"error": "period may not be used with startDT or endDT"}, 400)
    return answer_of(request, int(span[1:-1]) * DAY if span else None, low, high)


def of_days(request):
    days = int(request.query.get("days", 1))
    return answer_of(request, days * DAY) if days <= 90 else Answer({"error": "days must be between 1 and 90"}, 400)


def of_days_in_german(request):
    days = int(request.query.get("tage", 1))
    return answer_of(request, days * DAY) if days <= 90 else Answer({"fehler": "tage: zwischen 1 und 90"}, 400)


def ago(request):
    span = request.query.get("start", "1d-ago").removesuffix("-ago")
    return answer_of(request, int(span[:-1]) * DAY)


def of_choices(request):
    spans = {"24h": DAY, "7d": 7 * DAY, "90d": 90 * DAY}
    given = request.query.get("range", "24h")
    return answer_of(request, spans[given]) if given in spans else Answer({"error": "range: one of 24h, 7d, 90d"}, 400)


def of_another_step(request):
    """More days are fewer values of each: they are other data, and the span is left as it is."""
    days = int(request.query.get("days", 7))
    rows = sorted(each for each in POINTS.items() if each[0] >= NOW - days * DAY)[:: 1 if days < 30 else 24]
    return Answer({"values": [{"time": iso(time), "level": value} for time, value in rows]})


def with_means_before(request):
    """What is older than 7 days comes as one of each day."""
    first = NOW - int(request.query.get("days", 1)) * DAY
    rows = sorted(each for each in POINTS.items() if each[0] >= first)
    rows = [each for each in rows if each[0] >= NOW - 7 * DAY or each[0] % DAY == 0]
    return Answer({"values": [{"time": iso(time), "level": value} for time, value in rows]})


def last_of_each(request):
    """The number of times stays in force beside a range, as long as it is asked for."""
    given = int(request.query.get("lastPeriods", 9_999))
    low, high = (
        parse_iso(request.query.get(name, day)) for name, day in (("from", "1990-01-01"), ("to", "2090-01-01"))
    )
    times = [time for time in sorted(POINTS)[-given:] if low <= time <= high]
    return Answer([{"time": iso(time), "level": POINTS[time]} for time in times])


def of_a_station(request):
    """The number of times is by chance that of the station, and without it all stations come."""
    times = sorted(POINTS)[-24:]
    stations = [int(request.query["station"])] if "station" in request.query else [24, 77]
    rows = [(time, station) for station in stations for time in times]
    return Answer([{"time": iso(time), "level": POINTS[time] + (station - 24)} for time, station in rows])


def of_good_values(request):
    """The number is by chance that of the times, and the least quality of a value: of others there are more."""
    quality = int(request.query.get("quality", 0))
    low, high = (parse_iso(request.query.get(*each)) for each in (("from", "2026-04-28"), ("to", "2090-01-01")))
    times = [time for time in sorted(POINTS) if low <= time <= high and (time // HOUR % 7 == 3 or quality < 10)]
    return Answer([{"time": iso(time), "level": POINTS[time]} for time in times])


def of_an_alarm(request):
    """The week that came is by chance that of the number, which a longer one makes another series."""
    times = sorted(POINTS)[-168:]
    level = int(request.query.get("alarm", 3))
    return Answer([{"time": iso(time), "level": POINTS[time] + (level - 7)} for time in times])


def with_no_data_as_an_error(request):
    """It refuses long ranges with 500, and answers 502 where it has nothing."""
    low, high = (parse_iso(request.query[name]) for name in ("start", "end"))
    if high - low > 31 * DAY:
        return Answer({"errors": [{"code": 400, "detail": "Requested period is too long (max 31 days)"}]}, 500)
    times = [time for time in sorted(POINTS) if low <= time <= high]
    nothing = Answer({"errors": [{"detail": "There are no data for the selected filters."}]}, 502)
    return Answer([{"time": iso(time), "level": POINTS[time]} for time in times]) if times else nothing


def in_xml(request):
    """A range without records is an element without others."""
    low, high = (
        parse_iso(request.query.get(name, day)) for name, day in (("from", "2026-04-29"), ("to", "2090-01-01"))
    )
    rows = "".join(f'<row at="{iso(time)}" level="{POINTS[time]}"/>' for time in sorted(POINTS) if low <= time <= high)
    unit = ' unit="m"' if "unit" in request.query else ""
    return Answer(f"<all><data{unit}>{rows}</data></all>".encode(), headers={"Content-Type": "text/xml"})


@pytest.mark.parametrize(
    ("asked", "answer", "held", "code"),
    [
        ("period=P7D", beside_a_range, 2_100, 'TimeFilter("startDT", "endDT"'),
        ("days=7", of_days, 2_100, "days=90"),
        ("tage=7", of_days_in_german, 2_100, "tage=90"),
        ("alarm=7", of_an_alarm, 168, "alarm=7"),
        ("start=7d-ago", ago, 2_100, "-ago"),
        ("range=24h", of_choices, 2_100, "range=90d"),
        ("lastPeriods=24", last_of_each, 2_100, 'TimeFilter("from", "to"'),
        ("station=24", of_a_station, 24, "station=24"),
        ("quality=10", of_good_values, 300, "quality=10"),
        ("start=2026-04-01T00:00:00Z&end=2026-04-20T00:00:00Z", with_no_data_as_an_error, 2_100, "P31D"),
        ("", in_xml, 2_100, 'TimeFilter("from", "to"'),
        ("unit=m", in_xml, 2_100, 'TimeFilter("from", "to"'),
        ("days=7", of_another_step, 168, "days=7"),
        ("days=7", with_means_before, 168, "days=7"),
    ],
)
async def test_a_span_hides_nothing(asked, answer, held, code):
    with SourceServer() as server:
        found = await look(f"{server.route('/x', answer)}?{asked}", now=NOW)
        assert code in found.code
        points = (await all_of(found, FEED)).points["level"]
        assert points.items() <= POINTS.items()
        assert len(points) == held
