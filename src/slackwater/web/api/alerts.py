"""Serves `/alerts`: problems of sources, alert channels, and failed deliveries."""

import asyncio
import base64
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from slackwater.model.alerts import Kind, News, Times, clock
from slackwater.model.instants import iso
from slackwater.model.source.secrets import MASK
from slackwater.store.records import alerts
from slackwater.web.api.context import Here
from slackwater.web.api.schemas import LARGEST, TOTAL, WRAPPER_ID, PlainText, Time, guarded, moment
from slackwater.web.security.auth import AdminRoute, guarded_router

NO_CHANNEL = {404: "Channel not found"}
BAD_ADDRESS = {400: "url cannot be used: it is no Apprise URL such as mailtos://user:password@example.org."}
NO_MESSAGE = {404: "Message not found"}

router: APIRouter = guarded_router("/alerts", "alerts")
admins: APIRouter = guarded_router("/alerts", "alerts", AdminRoute)

Form = Literal["apprise", "webhook"]
State = Literal["waiting", "sent", "dead"]


class AlertShape(BaseModel):
    """Something that is or was wrong with a source."""

    alert_id: int = Field(examples=[7])
    wrapper_id: str = Field(examples=[WRAPPER_ID])
    name: str = Field(examples=["Tides"])
    kind: Kind = Field(examples=["stale"])
    message: str = Field(examples=["Its newest point is 3 days old; it was seen to be 26 hours at most."])
    opened_at: Time
    closed_at: Time | None = Field(description="Null: it still is so.")


class ChannelShape(BaseModel):
    """A channel: its address, alerts and times; the address is returned as `********`."""

    channel_id: str = Field(examples=[WRAPPER_ID])
    name: str = Field(examples=["On call"])
    form: Form = Field(description="`apprise`: mail and chat services; `webhook`: signed after Standard Webhooks.")
    service: str = Field(examples=["mailtos"], description="The scheme of the address.")
    url: str = Field(examples=[MASK])
    kinds: list[Kind]
    wrapper_ids: list[str] | None = Field(description="Null: all sources.")
    group_seconds: float = Field(examples=[30.0])
    quiet_from: str | None = Field(examples=["22:00"])
    quiet_to: str | None = Field(examples=["07:00"])
    digest_at: str | None = Field(examples=["08:00"])
    timezone: str = Field(examples=["Europe/Lisbon"])
    enabled: bool
    created_at: Time


class NewChannelShape(ChannelShape):
    """A channel as its making answers it."""

    secret: str | None = Field(description="Of a webhook: what its signatures are made with; shown this once.")


class ChannelChange(BaseModel):
    """What of a channel is to be changed."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[PlainText, Field(min_length=1, max_length=300)] | None = None
    url: Annotated[PlainText, Field(min_length=1, max_length=4000)] | None = Field(
        default=None,
        examples=["mailtos://user:password@smtp.example.org?to=ops@example.org"],
        description="An Apprise URL, or the address of the webhook. `********` leaves it as it is.",
    )
    kinds: list[Kind] | None = Field(default=None, description="Without `recovered` no end is reported.")
    wrapper_ids: Annotated[list[PlainText], Field(max_length=10_000)] | None = Field(
        default=None, description="Only of these sources; null: of all."
    )
    group_seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] | None = Field(
        default=None, description="So long after the first news what follows goes into the same message; default 30."
    )
    quiet_from: str | None = Field(default=None, examples=["22:00"], description="Nothing is sent from then …")
    quiet_to: str | None = Field(default=None, examples=["07:00"], description="… to then; it is sent at the end.")
    digest_at: str | None = Field(default=None, examples=["08:00"], description="One message a day, at that time.")
    timezone: str | None = Field(default=None, examples=["Europe/Lisbon"], description="Of these times; default UTC.")
    enabled: bool | None = None

    @field_validator("quiet_from", "quiet_to", "digest_at")
    @classmethod
    def _is_a_time(cls, text: str | None) -> str | None:
        if text is not None:
            clock(text)
        return text

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str | None) -> str | None:
        try:
            if name is not None:
                ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{name} is no time zone such as Europe/Lisbon") from None
        return name


class ChannelForm(ChannelChange):
    """A new channel."""

    name: Annotated[PlainText, Field(min_length=1, max_length=300)]
    form: Form = "apprise"
    url: Annotated[PlainText, Field(min_length=1, max_length=4000)]

    @model_validator(mode="after")
    def _has_an_address(self) -> "ChannelForm":
        if self.url == MASK:
            raise ValueError("url must be an address")
        return self


class MessageShape(BaseModel):
    """News on their way to a channel."""

    message_id: str = Field(examples=[WRAPPER_ID])
    channel_id: str = Field(examples=[WRAPPER_ID])
    state: State = Field(description="`dead`: it was given up; `POST …/retry` sends it once more.")
    news: list[dict[str, Any]]
    created_at: Time
    due_at: Time
    tries: int
    error: str | None


class Deleted(BaseModel):
    """What was deleted."""

    channel_id: str = Field(examples=[WRAPPER_ID])
    deleted: bool = Field(examples=[True])


@router.get("", summary="What is or was wrong, newest first", responses={**guarded(), **TOTAL})
async def list_alerts(
    context: Here,
    response: Response,
    open: Annotated[bool, Query(description="Only what is wrong now.")] = False,
    skip: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[AlertShape]:
    """Return a page of alerts; the total is in `X-Total-Count`."""
    found, total = await context.read(lambda c: alerts.list_alerts(c, only_open=open, skip=skip, limit=limit))
    response.headers["X-Total-Count"] = str(total)
    return [
        AlertShape(**{**vars(each), "opened_at": iso(each.opened_at), "closed_at": moment(each.closed_at)})
        for each in found
    ]


@admins.get("/channels", summary="List the channels", responses=guarded(admin=True))
async def list_channels(context: Here) -> list[ChannelShape]:
    """Return all channels, oldest first."""
    return [ChannelShape(**_shape(each)) for each in await context.read(alerts.channels)]


@admins.post("/channels", summary="Tell somebody", responses=guarded(BAD_ADDRESS, admin=True, body=True))
async def create_channel(form: ChannelForm, context: Here) -> NewChannelShape:
    """Make a channel. The secret of a webhook is in this answer alone."""
    await _check(form.form, form.url)
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}" if form.form == "webhook" else None
    begun = alerts.Channel(
        channel_id=str(uuid.uuid4()),
        name=form.name,
        form=form.form,
        url=form.url,
        secret=secret,
        kinds=tuple(Kind),
        times=Times(),
        created_at=context.clock(),
    )
    it = _changed(begun, form)
    await context.write(lambda c: alerts.put_channel(c, it))
    return NewChannelShape(**_shape(it), secret=secret)


@admins.patch(
    "/channels/{channel_id}",
    summary="Change a channel",
    responses=guarded({**NO_CHANNEL, **BAD_ADDRESS}, admin=True, body=True),
)
async def change_channel(channel_id: str, form: ChannelChange, context: Here) -> ChannelShape:
    """Change what is given of a channel."""
    known = await context.read(lambda c: alerts.channel(c, channel_id))
    it = _changed(known, form)
    if it.url != known.url:
        await _check(it.form, it.url)
    return ChannelShape(**_shape(await context.write(lambda c: alerts.put_channel(c, it))))


@admins.delete("/channels/{channel_id}", summary="Tell them no more", responses=guarded(NO_CHANNEL, admin=True))
async def delete_channel(channel_id: str, context: Here) -> Deleted:
    """Delete a channel with its messages."""
    await context.write(lambda c: alerts.delete_channel(c, channel_id))
    return Deleted(channel_id=channel_id, deleted=True)


@admins.post("/channels/{channel_id}/test", summary="Send a test", responses=guarded(NO_CHANNEL, admin=True))
async def test_channel(channel_id: str, context: Here) -> MessageShape:
    """Put a test message on its way; `GET /alerts/messages/{message_id}` says what has become of it."""
    now = context.clock()
    news = News(wrapper_id="", name="This channel", kind=Kind.RECOVERED, recovered=False, message="It works.", at=now)
    return _message(
        await context.write(lambda c: alerts.post(c, alerts.channel(c, channel_id), news, str(uuid.uuid4())))
    )


@admins.get("/messages", summary="List the messages, delivered or not", responses={**guarded(admin=True), **TOTAL})
async def list_messages(
    context: Here,
    response: Response,
    state: Annotated[State | None, Query(description="Only those.")] = None,
    skip: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[MessageShape]:
    """Return a page of messages, newest first; the total is in `X-Total-Count`."""
    found, total = await context.read(lambda c: alerts.list_messages(c, state=state, skip=skip, limit=limit))
    response.headers["X-Total-Count"] = str(total)
    return [_message(each) for each in found]


@admins.get("/messages/{message_id}", summary="One message", responses=guarded(NO_MESSAGE, admin=True))
async def show_message(message_id: str, context: Here) -> MessageShape:
    """Return a message and how it has fared."""
    return _message(await context.read(lambda c: alerts.message(c, message_id)))


@admins.post("/messages/{message_id}/retry", summary="Send it once more", responses=guarded(NO_MESSAGE, admin=True))
async def retry_message(message_id: str, context: Here) -> MessageShape:
    """Send a message again, now, with all its tries before it."""
    values = {"state": alerts.WAITING, "due_at": context.clock(), "tries": 0, "error": None}
    return _message(await context.write(lambda c: alerts.change_message(c, message_id, **values)))


async def _check(form: str, url: str) -> None:
    if form == "webhook":
        if not _is_web_address(url):
            raise HTTPException(
                400, "url cannot be used: a webhook has an address such as https://hooks.example.org/x."
            )
    elif not await asyncio.to_thread(_is_understood, url):
        raise HTTPException(400, BAD_ADDRESS[400])


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _is_understood(url: str) -> bool:
    import apprise

    try:
        return address_scheme(url) not in LOCAL_ONLY and bool(apprise.Apprise().add(url))
    except Exception:  # noqa: BLE001 - whatever one of its hundred readers of addresses stumbles over
        return False


def address_scheme(url: str) -> str:
    """Name the service of a channel's address; the rest of it is a secret."""
    return url.partition(":")[0].strip().lower()


# What would act on this machine instead of telling a person.
LOCAL_ONLY = frozenset({"dbus", "kde", "gnome", "glib", "qt", "macosx", "windows", "syslog", "file", "config"})


def _changed(it: alerts.Channel, form: ChannelChange) -> alerts.Channel:
    given: Mapping[str, Any] = {name: getattr(form, name) for name in form.model_fields_set}
    values = {name: given[name] for name in ("name", "enabled") if given.get(name) is not None}
    if given.get("url") not in (None, MASK):
        values["url"] = given["url"]
    if given.get("kinds") is not None:
        values["kinds"] = tuple(given["kinds"])
    if "wrapper_ids" in given:
        values["wrapper_ids"] = None if given["wrapper_ids"] is None else tuple(given["wrapper_ids"])
    times = {name: getattr(it.times, name) for name in Times.__struct_fields__}
    times |= {name: given[name] for name in ("quiet_from", "quiet_to", "digest_at") if name in given}
    times |= {name: given[name] for name in ("group_seconds", "timezone") if given.get(name) is not None}
    return replace(it, times=Times(**times), **values)


def _shape(it: alerts.Channel) -> dict[str, Any]:
    return {
        "channel_id": it.channel_id,
        "name": it.name,
        "form": it.form,
        "service": address_scheme(it.url),
        "url": MASK,
        "kinds": list(it.kinds),
        "wrapper_ids": None if it.wrapper_ids is None else list(it.wrapper_ids),
        **{name: getattr(it.times, name) for name in Times.__struct_fields__},
        "enabled": it.enabled,
        "created_at": iso(it.created_at),
    }


def _message(it: alerts.Message) -> MessageShape:
    news = [
        {
            "wrapper_id": each.wrapper_id,
            "name": each.name,
            "kind": each.kind.value,
            "event": "recovered" if each.recovered else "opened",
            "message": each.message,
            "at": iso(each.at),
        }
        for each in it.news
    ]
    return MessageShape(**{**vars(it), "news": news, "created_at": iso(it.created_at), "due_at": iso(it.due_at)})
