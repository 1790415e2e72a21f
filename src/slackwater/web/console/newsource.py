"""Creates a source in three steps: address or file, findings, name."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Query, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException as StarletteHTTPException

from slackwater.errors import BadInput, SlackwaterError
from slackwater.model.source.config import ApiConfig, FileConfig, parse_config, takes_several
from slackwater.model.wrapper import Metadata, SourceType
from slackwater.store.records import files
from slackwater.web.api.context import Context, Here
from slackwater.web.api.discovery import DiscoveredShape, discovered
from slackwater.web.console.placement import placement, typed
from slackwater.web.console.route import AdminPageRoute, page_router
from slackwater.web.console.view.findings import Overrides, form_of, seen
from slackwater.web.console.view.render import frame, page
from slackwater.web.console.view.validation import by_field, plain
from slackwater.web.transport.leaving import while_there

OVERRIDE, DETECTED = "set.", "was."  # a list of names that is ticked as it was detected decides nothing
SECRETS = {
    "none": (),
    "api_key": ("api_key", "api_key_header", "api_key_param"),
    "bearer": ("bearer_token",),
    "basic": ("username", "password"),
    "oauth2": ("token_url", "client_id", "client_secret", "refresh_token", "scope"),
}
ALWAYS = ("client_certificate", "body")  # whatever the authentication is
POLLING = ("start", "lookback", "schedule")  # fields of source_config that change nothing in what the source is
FOLDED = ("tags", "description", *POLLING, "runs_on")
THIRD = ("name", "unit", "periodicity", *FOLDED)  # what the third step asks
_DETAILS = (*THIRD, "discovery")
REFUSALS = (SlackwaterError, StarletteHTTPException)
_LOCKED = re.compile(r"answered 40[13]\b")


router = page_router(AdminPageRoute)


@dataclass(frozen=True)
class NewSourceForm:
    """What the form says."""

    location: str = ""
    file_id: str = ""
    file_name: str = ""
    auth_type: str = "none"
    name: str = ""
    unit: str = ""
    periodicity: str = ""
    tags: str = ""
    description: str = ""
    start: str = ""
    lookback: str = ""
    schedule: str = ""
    runs_on: str = ""
    discovery: str = ""  # what was seen before, to be created as it was
    fields: Mapping[str, str] = field(default_factory=dict)  # of the authentication that was chosen
    overrides: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, form: FormData) -> "NewSourceForm":
        """Return what a form says, without the blanks around."""

        def text(name: str) -> str:
            value = form.get(name)
            return value.strip() if isinstance(value, str) else ""

        auth_type = text("auth_type") if text("auth_type") in SECRETS else "none"
        names = {name for name in form if name.startswith(OVERRIDE)}
        said = {name: [each.strip() for each in form.getlist(name) if isinstance(each, str)] for name in names}
        said = {name: each for name, each in said.items() if each != form.getlist(_was(name))}
        decided = {name.removeprefix(OVERRIDE): [*filter(None, each)] for name, each in said.items() if any(each)}
        return cls(
            location=text("location"),
            file_id=text("file_id"),
            file_name=text("file_name"),
            auth_type=auth_type,
            fields={name: text(name) for name in (*SECRETS[auth_type], *ALWAYS)},
            overrides=decided,
            **{name: text(name) for name in _DETAILS},
        )

    @property
    def source_type(self) -> SourceType:
        """What kind of source it is, by what was given."""
        if not self.file_id:
            return SourceType.API
        return SourceType.CSV if self.file_name.lower().endswith(".csv") else SourceType.XLSX

    @property
    def suggested_name(self) -> str:
        """A name for the series, made of the name of its source."""
        stem = self.file_name.rpartition(".")[0] if self.file_id else _last_word(self.location)
        return re.sub(r"[_\W]+", " ", stem).strip().capitalize()[:100]

    def config(self) -> FileConfig | ApiConfig:
        """Return the configuration of the source; pydantic.ValidationError names each field that is wrong."""
        given: dict[str, Any] = {
            name: list(texts) if takes_several(form_of(self.source_type), name) else texts[-1]
            for name, texts in self.overrides.items()
        }
        for name, texts in given.items():
            if isinstance(texts, list) and len(texts) == 1:  # a list that was typed
                given[name] = [each.strip() for each in texts[0].split(",") if each.strip()]
        if self.file_id:
            given["file_id"] = self.file_id
        else:
            extra = {name: value for name in POLLING if (value := getattr(self, name))}
            fields = {name: value for name, value in self.fields.items() if value}
            given |= {"location": self.location, "auth_type": self.auth_type, **fields, **extra}
        return parse_config(self.source_type, given)

    def metadata(self) -> Metadata:
        """Return what the data is called; pydantic.ValidationError for what cannot be."""
        return Metadata(
            name=self.name,
            unit=self.unit or None,
            periodicity=self.periodicity or None,
            tags=[each for each in self.tags.split(",") if each.strip()],
            description=self.description or None,
        )


@router.get("/new")
async def show(request: Request, context: Here, file: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Show the empty form, or that of an upload, which its script then looks at."""
    if not file:
        return await _form(request, context, NewSourceForm())
    known = await context.read(lambda c: files.get(c, file))
    return await _form(request, context, NewSourceForm(file_id=known.file_id, file_name=known.filename))


@router.post("/new/preview")
async def preview(request: Request, context: Here) -> Response:
    """Look at the source and show what was found; nothing is created."""
    asked = replace(NewSourceForm.of(await request.form()), discovery="")
    return await while_there(request, _answer(request, context, asked))


@router.get("/new/looking")
async def looking(request: Request, context: Here) -> PlainTextResponse:
    """Return what the look that is under way has asked so far, in words."""
    known = context.previews.under_way(request.state.visitor.caller.who)
    if known is None:
        return PlainTextResponse("")
    return PlainTextResponse(frame(request)["t"]("new.looking.asked", n=known[0], url=known[1]))


@router.post("/new")
async def create(request: Request, context: Here) -> Response:
    """Create the wrapper as it was approved and lead to its page."""
    asked = NewSourceForm.of(await request.form())
    t = frame(request)["t"]
    if not asked.name:
        return await _answer(request, context, asked, {"name": t("new.name.missing")})
    try:
        runs_on = typed(asked.runs_on)
    except ValueError as error:
        return await _answer(request, context, asked, {"runs_on": plain(str(error))})
    try:
        config = asked.config()
        approved = context.previews.discoveries.get(asked.discovery, asked.source_type, config)
    except BadInput:  # too old, or about another source: what is there now is to be approved
        return await _answer(request, context, replace(asked, discovery=""), {"": t("new.expired")})
    except ValidationError as error:
        return await _answer(request, context, asked, by_field(error.errors(), t))
    try:
        record = await context.lifecycle.generate(
            source_type=asked.source_type, config=config, metadata=asked.metadata(), discovery=approved, runs_on=runs_on
        )
    except ValidationError as error:
        return await _answer(request, context, asked, by_field(error.errors(), t))
    except REFUSALS as error:
        return await _answer(request, context, asked, {"": _sentence(error)})
    request.state.made = record.wrapper_id
    target = f"/wrappers/{record.wrapper_id}"
    if "hx-request" in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": target})
    return Response(status_code=303, headers={"Location": target})


async def _answer(
    request: Request, context: Context, asked: NewSourceForm, wrong: Mapping[str, str] | None = None
) -> Response:
    """Return the page with the findings; `wrong` maps fields to their errors.

    Under "" stands what belongs to no field.
    """
    said = frame(request)
    values: dict[str, Any] = {"seen": None, "error": "", "wrong": dict(wrong or {}), "credentials": False}
    if not asked.file_id and not asked.location:
        values["wrong"]["location"] = said["t"]("new.source.missing")
    else:
        try:
            try:
                answer = await _looked_at(request, context, asked)
            except ValidationError as error:
                values["wrong"] |= by_field(error.errors(), said["t"])
                if not values["wrong"].keys() <= {*POLLING, "name", "runs_on", *asked.overrides}:
                    raise
                # What was found stands; the form stays, with what is wrong in it.
                sound = {name: texts for name, texts in asked.overrides.items() if name not in values["wrong"]}
                rest = replace(asked, start="", lookback="", schedule="", overrides=sound)
                answer = await _looked_at(request, context, rest)
            overrides = Overrides(asked.source_type, asked.overrides)
            values["seen"] = seen(answer, overrides, said["fmt"], asked.suggested_name)
            values["error"] = "" if answer.questions else answer.message or ""
            values["credentials"] = _LOCKED.search(answer.message or "") is not None
        except ValidationError as error:
            values["wrong"] |= by_field(error.errors(), said["t"])
        except REFUSALS as error:
            values["error"] = _sentence(error)
    values["wrong"] = {name: said["said"](text) for name, text in values["wrong"].items()}
    return await _form(request, context, asked, **values)


async def _looked_at(request: Request, context: Context, asked: NewSourceForm) -> DiscoveredShape:
    config = asked.config()
    if asked.discovery:
        with suppress(BadInput):
            known = context.previews.discoveries.get(asked.discovery, asked.source_type, config)
            return discovered(replace(known.returned, discovery=asked.discovery))
    returned = await context.previews.discover(
        source_type=asked.source_type, config=config, caller=request.state.visitor.caller.who
    )
    return discovered(returned)


async def _form(request: Request, context: Context, asked: NewSourceForm, **values: Any) -> Response:
    wrong = values.get("wrong", {})
    template = "new_part.html" if "hx-request" in request.headers else "new.html"
    return page(
        request,
        template,
        **{
            "asked": asked,
            "third": THIRD,
            "unfolded": any(getattr(asked, name) or name in wrong for name in FOLDED),
            "place": await placement(context),
            "limit": context.max_upload,
            "seen": None,
            "error": "",
            "wrong": {},
            "credentials": False,
            **values,
        },
    )


def _sentence(error: Exception) -> str:
    return str(error.detail) if isinstance(error, StarletteHTTPException) else str(error)


def _was(name: str) -> str:
    return DETECTED + name.removeprefix(OVERRIDE)


def _last_word(location: str) -> str:
    parts = urlsplit(location)
    words = [part for part in parts.path.split("/") if re.search(r"[A-Za-z]{3}", part)]
    return words[-1].rpartition(".")[0] or words[-1] if words else parts.hostname or ""
