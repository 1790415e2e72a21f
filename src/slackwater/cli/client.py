"""Calls a server for the commands: JSON in and out, every failure one sentence."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from slackwater.cli.plain_words import plain
from slackwater.outbound import Outbound, client_options
from slackwater.settings import Settings

TIMEOUT = 60.0  # seconds for one answer; `execute` may take 30 to answer
WRAPPERS = "/resources/wrappers"
KEY_FILE = "admin.key"


class Refused(Exception):  # noqa: N818 - what a person reads is the sentence
    """The server's refusal with reason and remedy; `status` is the HTTP code, if any."""

    def __init__(self, sentence: str, status: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status


class Service:
    """One server and the key to it."""

    def __init__(
        self, url: str, key: str | None, outbound: Outbound | None = None, *, seconds: float = TIMEOUT
    ) -> None:
        self.url = url.rstrip("/")
        try:
            # A key is sent to the server that was named and to nobody else: no redirects.
            self._http = httpx.Client(
                base_url=self.url,
                headers={"X-API-Key": key} if key else {},
                timeout=seconds,
                **client_options(outbound or Outbound(), self.url),
            )
        except (httpx.InvalidURL, ValueError, UnicodeError) as error:
            raise Refused(f"The server cannot be addressed as {url!r}: {error}.") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str, **params: Any) -> Any:
        """Return the JSON answer of a GET; Refused otherwise."""
        return self._call("GET", path, params=params).json()

    def post(self, path: str, **how: Any) -> Any:
        """Return the JSON answer of a POST; Refused otherwise. `how` is httpx's (json=, files=, params=)."""
        return self._call("POST", path, **how).json()

    def patch(self, path: str, **how: Any) -> Any:
        """Return the JSON answer of a PATCH; Refused otherwise."""
        return self._call("PATCH", path, **how).json()

    def delete(self, path: str) -> Any:
        """Return the JSON answer of a DELETE; Refused otherwise."""
        return self._call("DELETE", path).json()

    def stream(self, path: str, **params: Any) -> Iterator[bytes]:
        """Yield the answer of a GET piece by piece, as it comes; Refused otherwise."""
        with self._failures_explained(), self._http.stream("GET", path, params=params) as answer:
            if not answer.is_success:
                answer.read()
                raise Refused(_sentence(answer), answer.status_code)
            yield from answer.iter_bytes()

    def wrapper(self, wrapper_id: str) -> dict[str, Any]:
        """Return a wrapper."""
        found: dict[str, Any] = self.get(f"{WRAPPERS}/{wrapper_id}")
        return found

    def wrappers(self, *, most: int, **filters: Any) -> tuple[list[dict[str, Any]], int]:
        """Return the newest wrappers, `most` at most, and how many there are."""
        found: list[dict[str, Any]] = []
        while True:
            page = {"skip": len(found), "limit": min(100, most - len(found)), **filters}
            answer = self._call("GET", WRAPPERS, params=page)
            rows, total = answer.json(), int(answer.headers.get("X-Total-Count", 0))
            found += rows
            if not rows or len(found) >= min(most, total):
                return found, total

    def points(self, resource_id: str) -> Iterator[dict[str, Any]]:
        """Yield every stored point of a resource, oldest first, page by page."""
        cursor: str | None = None
        while True:
            page = {"limit": 5000, **({"cursor": cursor} if cursor else {})}
            answer = self.get(f"/resources/{resource_id}/data", **page)
            yield from answer["data"]
            cursor = answer.get("next_cursor")
            if not cursor:
                return

    def upload(self, path: Path) -> dict[str, Any]:
        """Upload a file and return the inspection's result; Refused when it is not valid."""
        with path.open("rb") as content:
            report: dict[str, Any] = self.post(f"{WRAPPERS}/files/upload", files={"file": (path.name, content)})
        if report["validation_status"] != "valid":
            raise Refused(f"{path.name} was not accepted: {'; '.join(report['validation_errors'])}")
        return report

    def await_ready(self, seconds: float, *, alive: Callable[[], bool]) -> bool:
        """Wait up to `seconds` for readiness; False on timeout or when no longer `alive`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and alive():
            try:
                if self._http.get("/ready", timeout=2).status_code == 200:
                    return True
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        return False

    def _call(self, method: str, path: str, **how: Any) -> httpx.Response:
        with self._failures_explained():
            answer = self._http.request(method, path, **how)
        if answer.is_success:
            return answer
        raise Refused(_sentence(answer), answer.status_code)

    @contextmanager
    def _failures_explained(self) -> Iterator[None]:
        try:
            yield
        except (httpx.ConnectError, httpx.UnsupportedProtocol) as error:
            raise Refused(
                f"No Slackwater answers at {self.url} ({error}). Start one with `slackwater serve`, or give --url."
            ) from None
        except httpx.TransportError as error:
            raise Refused(f"The server at {self.url} did not answer: {error or type(error).__name__}.") from None


def key_for(settings: Settings, key_file: Path | None) -> str | None:
    """Return the API key of `key_file`, the settings, or the data directory."""
    if key_file is not None:
        try:
            return key_file.read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(f"The key file {key_file} cannot be read: {error}.") from None
    if settings.api_key is not None:
        return settings.api_key.get_secret_value()
    try:
        return (settings.data_dir / KEY_FILE).read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None


def _sentence(answer: httpx.Response) -> str:
    if answer.status_code == 401:
        return "The server wants a valid key: set SLACKWATER_API_KEY, or give --key-file or --data-dir."
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        return f"The server answered {answer.status_code} {answer.reason_phrase}; is --url that of a Slackwater?"
    if isinstance(detail, list):
        detail = "; ".join(f"{'.'.join(map(str, each.get('loc', ())))}: {plain(each)}" for each in detail)
    return f"{detail}" if answer.status_code != 403 else f"The key may not do that: {detail}"
