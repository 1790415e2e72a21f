"""Reads the address of a database server, which may hold a password."""

from urllib.parse import parse_qs, unquote, urlsplit

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
