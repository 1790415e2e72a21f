"""Serves `/docs`: the OpenAPI document as a page, without files from the internet."""

from html import escape
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse

_HOME = Path(__file__).with_name("swagger")
_ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "start.js": "text/javascript"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """Show the API."""
    page = (_HOME / "index.html").read_text("utf-8")
    root = escape(request.scope.get("root_path", "").rstrip("/"), quote=True)
    return HTMLResponse(page.replace("{root}", root), headers={"Content-Security-Policy": _POLICY})


def _asset(name: str, media_type: str) -> None:
    @router.get(f"/docs/{name}")
    async def asset() -> FileResponse:
        return FileResponse(_HOME / name, media_type=media_type, headers={"Cache-Control": "public, max-age=3600"})


for _name, _type in _ASSETS.items():
    _asset(_name, _type)
