"""Serves `/console/alerts`: channels, messages, and what was wrong; for admins."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import HTTPException, Query, Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from slackwater.model.alerts import Kind, News
from slackwater.model.instants import MINUTE
from slackwater.store.engine.database import Connection
from slackwater.store.records import alerts, wrappers
from slackwater.store.records.alerts import DEAD, SENT, WAITING, Alert, Channel, Message
from slackwater.web.api.alerts import ChannelChange, ChannelForm, address_scheme, change_channel, create_channel
from slackwater.web.api.context import Context, Here
from slackwater.web.api.schemas import LARGEST, PlainText
from slackwater.web.console.route import AdminPageRoute, page_router
from slackwater.web.console.view.render import frame, is_partial, page
from slackwater.web.console.view.validation import by_field
from slackwater.web.console.view.zones import zone_of

PER_PAGE = 20  # messages; chosen: a screen
HISTORY = 20  # alerts; chosen: the API has the others
OFFERED = 12  # sources that a search finds; chosen: a screen beside the form
NAMED = 200  # chosen sources that the form names; chosen: the others are kept as they are
OVERDUE = 5 * MINUTE  # µs that a message waits beyond its time before it is told; chosen: many looks at what is due
STATES = (WAITING, SENT, DEAD)
TIMES = ("quiet_from", "quiet_to", "digest_at")
TEXTS = ("name", "url", "timezone", "group_seconds", *TIMES)
EMPTY: dict[str, Any] = {"form": "apprise", "kinds": [each.value for each in Kind], "group_seconds": "30"}

router = page_router(AdminPageRoute)
Chosen = Annotated[list[PlainText] | None, Query(alias="wrapper_ids", max_length=10_000)]


@router.get("/console/alerts")
async def show(
    request: Request,
    context: Here,
    state: str = "",
    number: Annotated[int, Query(alias="page", ge=1, le=LARGEST // PER_PAGE)] = 1,
) -> Response:
    """Show channels, messages and what was wrong."""
    wanted = state if state in STATES else ""
    if is_partial(request):
        return page(request, "alerts_live.html", **await _live(request, context, wanted, number))
    return await _page(request, context, wanted, number)


@router.post("/console/alerts")
async def create(request: Request, context: Here) -> Response:
    """Make a channel; the secret of a webhook is shown this once."""
    given = _given(await request.form())
    try:
        made = await create_channel(ChannelForm.model_validate(_values(given)), context)
    except ValidationError as error:
        wrong = by_field(error.errors(include_url=False, include_input=False), frame(request)["t"])
        return await _page(request, context, given=given, wrong=wrong)
    except HTTPException as refused:
        return await _page(request, context, given=given, wrong={"url": frame(request)["said"](str(refused.detail))})
    request.state.made = made.channel_id
    return await _page(request, context, made=made.name, secret=made.secret)


@router.get("/console/alerts/sources")
async def offer_sources(request: Request, context: Here, q: str = "", chosen: Chosen = None) -> Response:
    """Offer sources to choose from, behind those that are chosen."""
    return page(request, "alerts_sources.html", **await _choice(context, chosen or [], q))


@router.get("/console/alerts/{channel_id}")
async def edit(request: Request, channel_id: str, context: Here) -> Response:
    """Show the form of a channel."""
    known = await context.read(lambda c: alerts.channel(c, channel_id))
    return await _form_page(request, context, known, _values_of(known), {})


@router.post("/console/alerts/{channel_id}")
async def change(request: Request, channel_id: str, context: Here) -> Response:
    """Change a channel."""
    known = await context.read(lambda c: alerts.channel(c, channel_id))
    form = await request.form()
    given = _given(form) | {"form": known.form}
    values = {name: value for name, value in _values(given).items() if name != "form"}
    if not given["url"]:
        del values["url"]  # it stays as it is
    try:
        asked = ChannelChange.model_validate(values | {"enabled": form.get("enabled") == "true"})
        await change_channel(channel_id, asked, context)
    except ValidationError as error:
        wrong = by_field(error.errors(include_url=False, include_input=False), frame(request)["t"])
        return await _form_page(request, context, known, given, wrong)
    except HTTPException as refused:
        wrong = {"url": frame(request)["said"](str(refused.detail))}
        return await _form_page(request, context, known, given, wrong)
    return await _page(request, context, changed=str(given["name"]), headers={"HX-Push-Url": "/console/alerts"})


async def _page(
    request: Request,
    context: Context,
    state: str = "",
    number: int = 1,
    *,
    given: dict[str, Any] | None = None,
    wrong: dict[str, str] | None = None,
    made: str | None = None,
    changed: str | None = None,
    secret: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    form = given or EMPTY | {"timezone": zone_of(request).name}
    return page(
        request,
        "alerts.html",
        status=422 if wrong else 200,
        headers=headers,
        known=None,
        given=form,
        wrong=wrong or {},
        made=made,
        changed=changed,
        secret=secret,
        every_kind=Kind,
        **await _choice(context, form.get("wrapper_ids") or [], ""),
        **await _live(request, context, state, number),
    )


async def _form_page(
    request: Request, context: Context, known: Channel, given: dict[str, Any], wrong: dict[str, str]
) -> Response:
    choice = await _choice(context, given.get("wrapper_ids") or [], "")
    status = 422 if wrong else 200
    more: dict[str, Any] = {"known": known, "given": given, "wrong": wrong, "every_kind": Kind}
    return page(request, "alerts_edit.html", status=status, **more, **choice)


async def _choice(context: Context, chosen: list[str], q: str) -> dict[str, Any]:
    def look(c: Connection) -> dict[str, Any]:
        names = wrappers.names(c, chosen[:NAMED])
        found, _ = wrappers.list_page(c, skip=0, limit=OFFERED + len(names), q=q.strip() or None)
        others = [each for each in found if each.wrapper_id not in names][:OFFERED]
        return {
            "ticked": [(each, names.get(each, each)) for each in chosen[:NAMED]],
            "kept": chosen[NAMED:],
            "offered": [(each.wrapper_id, str(each.definition.metadata["name"])) for each in others],
        }

    return await context.read(look)


async def _live(request: Request, context: Context, state: str, number: int) -> dict[str, Any]:
    now = context.clock()

    def look(c: Connection) -> tuple[list[Channel], list[Message], int, dict[tuple[str, str], int], list[Alert]]:
        skip = (number - 1) * PER_PAGE
        found, total = alerts.list_messages(c, state=state or None, skip=skip, limit=PER_PAGE)
        history, _ = alerts.list_alerts(c, only_open=False, skip=0, limit=HISTORY)
        return alerts.channels(c), found, total, alerts.fared(c), history

    channels, messages, total, fared, history = await context.read(look)

    def address(**changes: object) -> str:
        asked = {"state": state, "page": number} | changes
        return "/console/alerts?" + urlencode({name: value for name, value in asked.items() if value not in ("", 1)})

    return {
        "channels": channels,
        "service": lambda channel: address_scheme(channel.url),
        "fared": lambda channel: {each: fared.get((channel.channel_id, each), 0) for each in STATES},
        "messages": messages,
        "named": {each.channel_id: each.name for each in channels},
        "counts": {each: sum(count for (_, mine), count in fared.items() if mine == each) for each in STATES},
        "total": total,
        "number": number,
        "pages": max(1, -(-total // PER_PAGE)),
        "state": state,
        "states": STATES,
        "address": address,
        "history": history,
        "overdue": any(each.state == WAITING and each.due_at < now - OVERDUE for each in messages),
        "word": word,
    }


def word(news: News) -> str:
    """Name the word for what a message tells of a source."""
    if news.kind is Kind.RECOVERED:
        return "alerts.is.test"
    return "alerts.is.recovered" if news.recovered else f"alerts.is.{news.kind}"


def _given(form: FormData) -> dict[str, Any]:
    """Read a form as somebody has filled it, without the blanks around."""

    def text(name: str) -> str:
        value = form.get(name)
        return value.strip() if isinstance(value, str) else ""

    def several(name: str) -> list[str]:
        return [each for each in form.getlist(name) if isinstance(each, str)]

    chosen = list(dict.fromkeys(several("wrapper_ids"))) if text("scope") == "some" else None
    return {
        **{name: text(name) for name in TEXTS},
        "form": "webhook" if text("form") == "webhook" else "apprise",
        "kinds": several("kinds"),
        "wrapper_ids": chosen,
        "when": "digest" if text("when") == "digest" else "soon",
    }


def _values(given: dict[str, Any]) -> dict[str, Any]:
    """Turn a filled form into what the API takes."""
    times: dict[str, Any] = {name: given[name] or None for name in TIMES}
    when: Literal["digest", "soon"] = given["when"]
    # Only what was chosen holds: a digest has no quiet times.
    dropped = ("quiet_from", "quiet_to") if when == "digest" else ("digest_at",)
    times |= dict.fromkeys(dropped)
    if when == "digest" and times["digest_at"] is None:
        times["digest_at"] = "08:00"
    return {
        "name": given["name"],
        "form": given["form"],
        "url": given["url"],
        "kinds": given["kinds"],
        "wrapper_ids": given["wrapper_ids"],
        "group_seconds": given["group_seconds"] or None,
        "timezone": given["timezone"] or None,
        **times,
    }


def _values_of(channel: Channel) -> dict[str, Any]:
    """Fill a form with what is known of a channel, without its address."""
    times = channel.times
    return {
        "name": channel.name,
        "form": channel.form,
        "url": "",
        "kinds": [each.value for each in channel.kinds],
        "wrapper_ids": None if channel.wrapper_ids is None else list(channel.wrapper_ids),
        "when": "digest" if times.digest_at else "soon",
        "group_seconds": f"{times.group_seconds:g}",
        "timezone": times.timezone,
        **{name: getattr(times, name) or "" for name in TIMES},
    }
