"""Reads the address of a database server, which may hold a password."""

from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

from pydantic import SecretStr

BEGINNINGS = ("postgresql://", "postgres://")


def check_url(url: SecretStr | None) -> SecretStr | None:
    """Return the address of a database server; ValueError, without it, for another."""
    if url is not None and not url.get_secret_value().startswith(BEGINNINGS):
        raise ValueError("it must be an address such as postgresql://user:password@host:5432/database")
    return url


def passwords_in(url: str) -> list[str]:
    """Return the passwords in an address; all of one that cannot be read."""
    try:
        parts = urlsplit(url)
        found = [parts.password or "", *parse_qs(parts.query).get("password", [])]
    except ValueError:
        return [url]
    return [unquote(each) for each in found if each]


def place_of(url: str) -> str:
    """Return which database an address names, in words without its password."""
    parts = urlsplit(url)
    server = parts.netloc.rpartition("@")[2] or parse_qs(parts.query).get("host", ["this machine"])[0]
    return f"the database {unquote(parts.path.strip('/')) or 'of the user'} at {server}"


def without_password(url: str) -> str:
    """Return an address without its password, to tell whether two are of one database."""
    parts = urlsplit(url)
    user, _, server = parts.netloc.rpartition("@")
    name = user.partition(":")[0]
    query = "&".join(each for each in parts.query.split("&") if not each.startswith("password="))
    netloc = f"{name}@{server}" if name else server
    return urlunsplit(("postgresql", netloc, parts.path, query, ""))
