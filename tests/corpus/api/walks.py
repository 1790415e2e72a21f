"""Styles of paging, each with the conventions of those who use it."""

import base64
from typing import Any

from api.serving import NOW, Answer, Ask, Refused, api, epoch, every, iso, text, until, wall, wave
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND

_RUNS = [NOW - n * 47 * MINUTE - n % 13 * SECOND for n in range(1, 1_000)]  # newest first
_BUILDS = {"duration_ms": wave(_RUNS, 182_000, 90_000, 0), "size_kb": wave(_RUNS, 4_120, 300, 1, seed=1)}


@api(
    "/repos/octo/tide/metrics",
    _BUILDS,
    named=True,
    needs=("page",),
    auth={"auth_type": "bearer", "bearer_token": "ghp_abc"},
)
def github_links(ask: Ask) -> Any:
    """A bare list, the way on in the Link header; 30 unless asked, 100 at most."""
    size, page = ask.integer("per_page", 30, least=1, most=100, cut=True), ask.integer("page", 1, least=1)
    last = -(-len(_RUNS) // size)
    links = [f'<{ask.url(page=page + 1)}>; rel="next"', f'<{ask.url(page=last)}>; rel="last"'] if page < last else []
    links += [f'<{ask.url(page=page - 1)}>; rel="prev"', f'<{ask.url(page=1)}>; rel="first"'] if page > 1 else []
    rows = list(enumerate(_RUNS))[(page - 1) * size : page * size]
    return Answer(
        [
            {
                "id": 9_100_000_000 - n,
                "node_id": f"WFR_{n:05}",
                "run_number": 5_000 - n,
                "run_attempt": 1,
                "measured_at": iso(time),
                "duration_ms": int(_BUILDS["duration_ms"][time]),
                "size_kb": _BUILDS["size_kb"][time],
                "status": "completed",
                "repository": {"id": 1_296_269, "private": False},
            }
            for n, time in rows
        ],
        headers={"Link": ", ".join(links), "X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4987"}
        if links
        else {},
    )


_COMMITS = every(7 * DAY, "2025-11-30", 51)
_WEEKLY = wave(_COMMITS, 89, 70, 0)


@api("/repos/octo/tide/stats/commit_activity", {"total": _WEEKLY}, named=True)
def github_commit_activity(ask: Ask) -> Any:
    """A week as epoch seconds, its sum, and the seven days of it as a list."""
    return [
        {"total": int(_WEEKLY[time]), "week": epoch(time), "days": [int(_WEEKLY[time]) // 7 + d for d in range(7)]}
        for time in _COMMITS
    ]


_TELEMETRY = until("2026-11-20T11:58:00Z", 2 * MINUTE, 1_600)
_VOLTS = wave(_TELEMETRY, 229.6, 6, 1)


def _token(place: int) -> str:
    return base64.urlsafe_b64encode(f"v1:{place}:{place * 7919 % 9973}".encode()).decode().rstrip("=")


def _place(ask: Ask, name: str) -> int:
    """The place that a token stands for, 0 without one."""
    given = ask.get(name)
    if given is None or given == "":
        return 0
    try:
        place = int(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode().split(":")[1])
    except (ValueError, IndexError):
        raise Refused(f"Invalid {name}") from None
    if _token(place) != given:
        raise Refused(f"Invalid {name}")
    return place


@api(
    "/v1/projects/tide/readings",
    {"voltage": _VOLTS},
    named=True,
    needs=("pageToken",),
    known=("pageSize", "pageToken", "filter", "orderBy", "fields"),
    refusal=lambda said: Answer({"error": {"code": 400, "message": said, "status": "INVALID_ARGUMENT"}}, 400),
)
def google_page_token(ask: Ask) -> Any:
    """nextPageToken goes back as pageToken; absent at the end; int64 as text."""
    place, size = _place(ask, "pageToken"), ask.integer("pageSize", 50, most=500, cut=True) or 50
    page = _TELEMETRY[place : place + size]
    return {
        "readings": [
            {
                "name": f"projects/tide/readings/{epoch(time)}",
                "sampleTime": iso(time),
                "voltage": _VOLTS[time],
                "etag": "BwX",
                "sizeBytes": "128",
            }
            for time in page
        ],
        **({"nextPageToken": _token(place + size)} if place + size < len(_TELEMETRY) else {}),
    }


_EVENTS = until("2026-11-20T11:00:00.000200Z", HOUR, 1_200)
_DEPTH = wave(_EVENTS, 18.2, 9, 2)


@api(
    "/api/soundings.list?channel=C024",
    {"depth": _DEPTH},
    named=True,
    needs=("cursor",),
    auth={"auth_type": "bearer", "bearer_token": "xoxb-17"},
)
def slack_cursor(ask: Ask) -> Any:
    """`ok`, and a cursor in response_metadata that is empty at the end; times as text of epoch seconds."""
    try:
        place = _place(ask, "cursor")
    except Refused:
        return {"ok": False, "error": "invalid_cursor"}
    limit = ask.integer("limit", 100, least=1, most=999, cut=True)
    times = _EVENTS[::-1]
    return {
        "ok": True,
        "has_more": place + limit < len(times),
        "pin_count": 0,
        "soundings": [
            {"type": "sounding", "user": "U012AB3CD", "ts": f"{epoch(time)}.000200", "depth": _DEPTH[time]}
            for time in times[place : place + limit]
        ],
        "response_metadata": {"next_cursor": _token(place + limit) if place + limit < len(times) else ""},
    }


_SCANNED = every(HOUR, "2026-09-01", 900)
_COUNT = wave(_SCANNED, 341, 200, 0)


@api("/prod/items?table=counts", {"visitors": _COUNT}, named=True, needs=("ExclusiveStartKey",))
def dynamo_start_key(ask: Ask) -> Any:
    """LastEvaluatedKey goes back as ExclusiveStartKey; Count and ScannedCount say how many are here."""
    place = _place(ask, "ExclusiveStartKey")
    size = ask.integer("Limit", 100, least=1, most=300, cut=True)
    page = _SCANNED[place : place + size]
    more = {"LastEvaluatedKey": _token(place + size)} if place + size < len(_SCANNED) else {}
    return {
        "Items": [
            {
                "gate": "north",
                "at": wall(time, "%Y-%m-%dT%H:%M:%SZ"),
                "visitors": int(_COUNT[time]),
                "ttl": epoch(NOW + 90 * DAY),
            }
            for time in page
        ],
        "Count": len(page),
        "ScannedCount": len(page),
        **more,
    }


_RECORDED = every(HOUR, "2026-08-15", 1_300)
_LEVEL = wave(_RECORDED, 2.13, 1, 3)


@api(
    "/api/readings?filter[station]=7",
    {"attributes.level": _LEVEL},
    needs=("page[number]",),
    known=("page[number]", "page[size]", "sort", "include", "fields[readings]"),
    refusal=lambda said: Answer({"errors": [{"status": "400", "title": "Invalid parameter", "detail": said}]}, 400),
)
def json_api(ask: Ask) -> Any:
    """Attributes inside data, relationships beside, links.next; when it was recorded and when it was created."""
    number, size = ask.integer("page[number]", 1, least=1), ask.integer("page[size]", 25, least=1, most=200, cut=True)
    last = -(-len(_RECORDED) // size)
    page = list(enumerate(_RECORDED))[(number - 1) * size : number * size]
    return {
        "jsonapi": {"version": "1.0"},
        "data": [
            {
                "type": "readings",
                "id": str(70_000 + n),
                "attributes": {
                    "recorded-at": wall(time, "%Y-%m-%dT%H:%M:%S.000Z"),
                    "level": _LEVEL[time],
                    "created-at": iso(time + 5 * MINUTE + n % 50 * SECOND),
                    "version": 2,
                },
                "relationships": {"station": {"data": {"type": "stations", "id": "7"}}},
                "links": {"self": f"{ask.base}/api/readings/{70_000 + n}"},
            }
            for n, time in page
        ],
        "links": {
            "self": ask.url(),
            "first": ask.url(**{"page[number]": 1}),
            "next": ask.url(**{"page[number]": number + 1}) if number < last else None,
            "last": ask.url(**{"page[number]": last}),
        },
        "meta": {"record-count": len(_RECORDED), "page-count": last},
    }


_SAMPLED = until("2026-11-20T11:30:00Z", 30 * MINUTE, 1_100)
_TURBIDITY = wave(_SAMPLED, 7.4, 5, 2)


@api("/api/turbidities", {"ntu": _TURBIDITY}, named=True, needs=("page",))
def hal_spring(ask: Ask) -> Any:
    """`_embedded`, `_links.next.href`, pages from 0; a number of the probe beside the value."""
    size, page = ask.integer("size", 20, least=1, most=1_000, cut=True), ask.integer("page", 0)
    last = -(-len(_SAMPLED) // size) - 1
    links = {"self": {"href": ask.url()}, "profile": {"href": f"{ask.base}/api/profile/turbidities"}}
    if page < last:
        links["next"] = {"href": ask.url(page=page + 1, size=size)}
    return {
        "_embedded": {
            "turbidities": [
                {
                    "takenAt": wall(time, "%Y-%m-%dT%H:%M:%S.000+00:00"),
                    "ntu": _TURBIDITY[time],
                    "probe": 3,
                    "_links": {"self": {"href": f"{ask.base}/api/turbidities/{epoch(time)}"}},
                }
                for time in _SAMPLED[page * size : (page + 1) * size]
            ]
        },
        "_links": links,
        "page": {"size": size, "totalElements": len(_SAMPLED), "totalPages": last + 1, "number": page},
    }


_HUBEAU = until("2026-11-20T11:30:00Z", 30 * MINUTE, 1_300)
_HEIGHT = wave(_HUBEAU, 1_234, 400, 0)


@api(
    "/api/v2/hydrometrie/observations_tr?code_entite=Y251002001&grandeur_hydro=H",
    {"resultat_obs": _HEIGHT},
    needs=("cursor",),
)
def hubeau(ask: Ask) -> Any:
    """206 while there is more, 200 at the end; a cursor in the URL of the next page; constant dates beside."""
    span = ask.span("date_debut_obs", "date_fin_obs")
    times = span.of(_HUBEAU)[::-1]
    place, size = _place(ask, "cursor"), ask.integer("size", 500, least=1, most=20_000)
    more = ask.url(cursor=_token(place + size)) if place + size < len(times) else None
    return Answer(
        {
            "count": len(times),
            "first": ask.url(),
            "prev": None,
            "next": more,
            "api_version": "2.0.1",
            "data": [
                {
                    "code_site": "Y2510020",
                    "code_station": "Y251002001",
                    "grandeur_hydro": "H",
                    "date_debut_serie": iso(times[-1]),
                    "date_fin_serie": iso(times[0]),
                    "statut_serie": 4,
                    "date_obs": iso(time),
                    "resultat_obs": _HEIGHT[time],
                    "code_methode_obs": 0,
                    "code_qualification_obs": 16,
                    "longitude": 3.3447,
                    "latitude": 43.4561,
                    "continuite_obs_hydro": True,
                }
                for time in times[place : place + size]
            ],
        },
        206 if more else 200,
    )


_POLLED = until("2026-11-20T11:00:00Z", HOUR, 800)
_SALT = wave(_POLLED, 35.1, 2, 2)


@api("/v2/salinity?station=4", {"psu": _SALT}, named=True, needs=("page",))
def totals_and_pages(ask: Ask) -> Any:
    """`page`, `totalPages` and `hasNextPage` in an object; a page behind the last gives the last once more."""
    size, page = ask.integer("pageSize", 50, least=1, most=200), ask.integer("page", 1, least=1)
    last = -(-len(_POLLED) // size)
    page = min(page, last)
    return {
        "status": 200,
        "message": "OK",
        "result": [
            {"at": wall(time, "%d.%m.%Y %H:%M"), "psu": text(_SALT[time], 2), "flag": 1}
            for time in _POLLED[::-1][(page - 1) * size : page * size]
        ],
        "pagination": {
            "page": page,
            "pageSize": size,
            "totalPages": last,
            "totalItems": len(_POLLED),
            "hasNextPage": page < last,
        },
    }
