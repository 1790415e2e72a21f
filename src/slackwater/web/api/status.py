"""`/health`, `/ready`, `/resources/version`: open to all."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from slackwater.errors import Unavailable
from slackwater.store.access import keys
from slackwater.supervise.run.confinement_probe import missing
from slackwater.web.api.context import Here
from slackwater.web.api.schemas import answers

router = APIRouter(tags=["service"])


class Condition(BaseModel):
    """How the service is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: str


class Readiness(Condition):
    """Whether the service can work, and how far wrapper processes are confined on this machine."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"status": "ready", "confinement": {"landlock": "in force", "cgroup": "missing: not writable"}}
            ]
        }
    )

    confinement: dict[str, str]
    reason: str | None = None  # with `busy`: why wrappers wait
    degraded: list[str] = []  # what does not work as it should, one sentence each


class Version(BaseModel):
    """Which Slackwater this is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "slackwater", "version": "0.2.0"}]})

    name: str
    version: str


@router.get("/health", summary="Is the service alive?")
async def health() -> Condition:
    """Answer as long as the service answers anything."""
    return Condition(status="ok")


@router.get(
    "/ready",
    summary="Is the service ready to work?",
    responses=answers({503: "Service unavailable: Slackwater is starting or stopping; try again in a moment."}),
)
async def ready(context: Here) -> Readiness:
    """Answer 200 when the start-up sweep is done and the store answers, 503 until then.

    `busy` instead of `ready`: wrappers have waited longer than a minute for a free slot.
    """
    if not context.lifecycle.ready:
        raise Unavailable("Slackwater is starting or stopping; try again in a moment.")
    await context.read(lambda c: keys.find_by_hash(c, ""))
    reason = await context.lifecycle.pressure()
    confinement = {name: str(measure) for name, measure in context.lifecycle.confinement.items()}
    status = "ready" if reason is None else "busy"
    lacking = [f"Confinement: {name}: {detail}" for name, detail in missing(context.lifecycle.confinement).items()]
    clock = context.dispatch.warning()
    files = None if context.files_place is None else await context.files_place.trouble()
    degraded = [*(each for each in (reason, clock, files) if each is not None), *lacking]
    return Readiness(status=status, confinement=confinement, reason=reason, degraded=degraded)


@router.get("/resources/version", summary="Which version is this?")
async def version(context: Here) -> Version:
    """Name the product and its version."""
    return Version(name="slackwater", version=context.version)
