"""The fields of a wrapper's settings, read off the models that check them."""

import json
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from slackwater.model.source.config import ApiConfig, FileConfig, takes_several
from slackwater.model.source.identity import IDENTITY_FIELDS
from slackwater.model.source.secrets import SECRET_FIELDS, masked
from slackwater.model.wrapper import Metadata, WrapperRecord
from slackwater.web.console.view.findings import found_as_text
from slackwater.web.console.view.plain_terms import forms_in, named_in

OFTEN_CHANGED = frozenset({"tags", "units"})
LONG = frozenset({"description", "source"})
CREDENTIALS = {
    "api_key": ("api_key", "api_key_header", "api_key_param"),
    "bearer": ("bearer_token",),
    "basic": ("username", "password"),
    "oauth2": ("token_url", "client_id", "client_secret", "client_auth", "refresh_token", "scope", "token_params"),
}
_KIND_OF = {name: kind for kind, names in CREDENTIALS.items() for name in names}


@dataclass(frozen=True, kw_only=True)
class Field:
    """One form field: `kind` names its input, `value` is the input's text.

    Kinds are text, long, number, flag, choice, list, json and secret.
    """

    name: str
    kind: str
    value: str
    choices: tuple[str, ...] = ()
    required: bool = False
    identity: bool = False  # decides which data comes
    found: str = ""  # what was detected, where nobody has said it
    auth: str = ""  # the kind of authentication that it belongs to
    asked: bool = False  # what is wrong with the source is about it
    offers: tuple[str, ...] = ()  # what is wrong names these as its values

    @property
    def is_known(self) -> bool:
        """Whether it is set, was detected, or is asked for."""
        return bool(self.value or self.found or self.required or self.asked)


def metadata_fields(record: WrapperRecord) -> list[Field]:
    """Return what the data is, but for what is changed at any time, elsewhere."""
    shown = [name for name in Metadata.model_fields if name not in OFTEN_CHANGED]
    return [_field(Metadata, name, record.definition.metadata.get(name)) for name in shown]


def config_fields(record: WrapperRecord) -> list[Field]:
    """Return where the data comes from; secrets are masked."""
    model: type[BaseModel] = FileConfig if record.definition.source_type.is_file else ApiConfig
    shown = masked(record.definition.source_config)
    found = {
        str(each["field"]): found_as_text(str(each.get("what")), value)
        for each in record.definition.findings or ()
        if each.get("field") and (value := each.get("value")) not in (None, [], {})
    }
    fields = (
        _field(model, name, shown.get(name, info.get_default(call_default_factory=True)), decisive=True)
        for name, info in model.model_fields.items()
    )
    wrong = record.control.error_message or ""
    named, forms = named_in(wrong), tuple(dict.fromkeys(forms_in(wrong)))
    return [
        replace(
            each,
            found="" if each.value else found.get(each.name, ""),
            asked=each.name in named,
            offers=forms if each.name in named and each.name == "date_format" else (),
        )
        for each in fields
    ]


def _field(form: type[BaseModel], name: str, value: Any, *, decisive: bool = False) -> Field:
    info = form.model_fields[name]
    kinds = [each for each in get_args(info.annotation) if each is not type(None)] or [info.annotation]
    kind, choices = "text", ()
    first = kinds[0]
    if name in SECRET_FIELDS:
        kind = "secret"
    elif takes_several(form, name):
        kind = "list"
    elif get_origin(info.annotation) is Literal or get_origin(first) is Literal:
        kind, choices = "choice", get_args(info.annotation if get_origin(info.annotation) is Literal else first)
    elif first is bool:
        kind = "flag"
    elif first in (int, float):
        kind = "number"
    elif get_origin(info.annotation) is dict or get_origin(first) is dict:
        kind = "json"
    elif name in LONG:
        kind = "long"
    return Field(
        name=name,
        kind=kind,
        value=_shown(kind, value),
        choices=tuple(map(str, choices)),
        required=info.is_required(),
        identity=decisive and name in IDENTITY_FIELDS,
        auth=_KIND_OF.get(name, "") if decisive else "",
    )


def _shown(kind: str, value: Any) -> str:
    if value is None:
        return ""
    if kind == "json":
        return json.dumps(value, ensure_ascii=False, indent=1) if value else ""
    if kind == "list":
        return "\n".join([value] if isinstance(value, str) else map(str, value))
    if kind == "flag":
        return "true" if value else ""
    return f"{value:g}" if isinstance(value, float) else str(value)
