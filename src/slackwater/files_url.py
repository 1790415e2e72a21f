"""Reads the address of the place of uploaded files, which may hold a password."""

import re
from urllib.parse import unquote

from pydantic import SecretStr

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_EXAMPLES = "s3://bucket/prefix or file:///shared/directory"
_UNFIT = {
    "memory": "is the memory of one process: no other node sees it, and it is gone with the process",
    "http": "can only be read",
    "https": "can only be read",
}


def check_files_url(url: SecretStr | None) -> SecretStr | None:
    """Return the address of a place for files; ValueError, without its secrets, for another."""
    if url is None:
        return None
    text = url.get_secret_value()
    scheme, colon, rest = text.partition("://")
    if not colon or not _SCHEME.fullmatch(scheme) or "::" in text:
        raise ValueError(f"it must be an address such as {_EXAMPLES}")
    if scheme in _UNFIT:
        raise ValueError(f"{scheme}:// {_UNFIT[scheme]}; use an address such as {_EXAMPLES}")
    if scheme in ("file", "local") and not rest.startswith("/"):
        raise ValueError("a directory needs its whole path: file:///shared/directory, with three slashes")
    if "?" in rest or "#" in rest:
        raise ValueError(f"it takes nothing behind ? or #; use an address such as {_EXAMPLES}")
    if not rest.strip("/"):
        raise ValueError(f"it names no bucket or directory; use an address such as {_EXAMPLES}")
    return url


def without_user(url: str) -> str:
    """Return an address without user and password, as it may be shown."""
    scheme, _, rest = url.partition("://")
    server, slash, path = rest.partition("/")
    return f"{scheme}://{server.rpartition('@')[2]}{slash}{path}"


def secrets_in(url: str) -> list[str]:
    """Return the secrets of an address: itself and its password, where it names a user."""
    user, at, _ = url.partition("://")[2].partition("/")[0].rpartition("@")
    password = user.partition(":")[2]
    return [url, *filter(None, (password, unquote(password)))] if at else []
