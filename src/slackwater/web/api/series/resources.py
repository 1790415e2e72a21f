"""`/resources`: the time series themselves."""

from contextlib import suppress
from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from slackwater.errors import NotFound
from slackwater.model.texts import Lines, Text
from slackwater.store.records import resources
from slackwater.store.records.resources import ResourceRecord
from slackwater.web.api.context import Here
from slackwater.web.api.schemas import (
    LARGEST,
    RESOURCE_ID,
    TOTAL,
    WRAPPER_ID,
    PlainText,
    Time,
    guarded,
    moment,
    wrapper_id_of,
)
from slackwater.web.security.auth import ResourceRoute, guarded_router

router = guarded_router("/resources", "resources", ResourceRoute)

UNKNOWN: dict[int, str | list[str]] = {400: "Invalid resource ID", 404: "Resource not found"}
_UNKNOWN_WRAPPER = f"Wrapper not found: {WRAPPER_ID}"
_EXAMPLE: dict[str, Any] = {"wrapper_id": WRAPPER_ID, "name": "Mauna Loa CO2", "type": "series", "legend": "ppm"}


class ResourceShape(BaseModel):
    """A time series. Its period is what its data spans, null without data."""

    id: str = Field(examples=[RESOURCE_ID])
    wrapper_id: str = Field(examples=[WRAPPER_ID])
    name: str = Field(examples=["Mauna Loa CO2"])
    type: str = Field(examples=["series"])
    legend: str | None = Field(examples=["ppm"])
    source_type: str = Field(examples=["CSV"])
    startPeriod: Time | None  # noqa: N815 - the contract's name
    endPeriod: Time | None  # noqa: N815


class ResourceForm(BaseModel):
    """A new resource; derived fields that `GET` returns are accepted and ignored."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    wrapper_id: PlainText
    name: Text
    type: Text
    legend: Lines | None = None


class ResourceReplacement(BaseModel):
    """All that can be set of a resource; without `wrapper_id` it keeps its wrapper."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    wrapper_id: PlainText | None = None
    name: Text
    type: Text
    legend: Lines | None = None


class ResourcePatch(BaseModel):
    """What to change; what is not sent stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "CO2, Mauna Loa"}]})

    name: Text = Field(default_factory=str)
    type: Text = Field(default_factory=str)
    legend: Lines | None = None


class DeletedResource(BaseModel):
    """A resource is hidden from now on."""

    id: str = Field(examples=[RESOURCE_ID])
    deleted: bool = Field(examples=[True])


def resource_shape(record: ResourceRecord) -> ResourceShape:
    """Return a resource as every endpoint returns it."""
    return ResourceShape(
        id=record.id,
        wrapper_id=record.wrapper_id,
        name=record.name,
        type=record.type,
        legend=record.legend,
        source_type=record.source_type,
        startPeriod=moment(record.start_period),
        endPeriod=moment(record.end_period),
    )


@router.get("", summary="List resources, newest first", responses={**guarded(), **TOTAL})
async def list_resources(
    context: Here,
    response: Response,
    skip: Annotated[int, Query(ge=0, le=LARGEST, description="How many to leave out.")] = 0,
    limit: Annotated[int, Query(ge=1, le=50, description="How many to return at most.")] = 10,
) -> list[ResourceShape]:
    """Return a page of resources; the total is in `X-Total-Count`."""
    found, total = await context.read(lambda c: resources.list_page(c, skip=skip, limit=limit))
    response.headers["X-Total-Count"] = str(total)
    return [resource_shape(record) for record in found]


@router.post(
    "", summary="Make a resource of a wrapper's data", responses=guarded({400: _UNKNOWN_WRAPPER}, admin=True, body=True)
)
async def create(form: ResourceForm, context: Here) -> ResourceShape:
    """Make a resource that shows the data of a wrapper."""
    record = await context.write(
        lambda c: resources.create_for(
            c,
            wrapper_id=form.wrapper_id.lower(),
            name=form.name,
            type=form.type,
            legend=form.legend,
            now=context.clock(),
        )
    )
    return resource_shape(record)


@router.get("/{resource_id}", summary="Show a resource", responses=guarded(UNKNOWN))
async def show(resource_id: str, context: Here) -> ResourceShape:
    """Return a resource."""
    return resource_shape(await context.read(lambda c: resources.get(c, resource_id)))


@router.put(
    "/{resource_id}",
    summary="Replace a resource",
    responses=guarded({**UNKNOWN, 400: ["Invalid resource ID", _UNKNOWN_WRAPPER]}, admin=True, body=True),
)
async def replace(resource_id: str, form: ResourceReplacement, context: Here) -> ResourceShape:
    """Set name, type and legend, and the wrapper when it is given."""
    values: dict[str, Any] = {"name": form.name, "type": form.type, "legend": form.legend}
    if form.wrapper_id is not None:
        values["wrapper_id"] = form.wrapper_id.lower()
    return resource_shape(await context.write(lambda c: resources.change(c, resource_id, **values)))


@router.patch("/{resource_id}", summary="Change a resource", responses=guarded(UNKNOWN, admin=True, body=True))
async def patch(resource_id: str, form: ResourcePatch, context: Here) -> ResourceShape:
    """Change name, type or legend."""
    values = form.model_dump(exclude_unset=True)
    return resource_shape(await context.write(lambda c: resources.change(c, resource_id, **values)))


@router.delete(
    "/{resource_id}",
    summary="Hide a resource, and stop its wrapper",
    responses=guarded(
        {
            **UNKNOWN,
            409: [
                "The wrapper could not be stopped in time; try again",
                "Resource 65a1b2c3d4e5f60718293a4b shows the same data; delete that one first, or leave out data=true.",
            ],
        },
        admin=True,
    ),
)
async def delete(
    resource_id: str,
    context: Here,
    data: Annotated[bool, Query(description="Delete its data, too, with all vintages; the space comes back.")] = False,
) -> DeletedResource:
    """Hide a resource for good and stop its wrapper.

    A stop that takes longer is completed in the background. With `data=true` its data and the wrapper's checkpoint are
    deleted, once the wrapper has stopped.
    """
    record = await context.read(lambda c: resources.get(c, resource_id))
    if data:
        await context.lifecycle.delete_resource_and_data(record.id, record.wrapper_id)
        return DeletedResource(id=record.id, deleted=True)
    with suppress(NotFound):  # the wrapper was deleted before
        await context.lifecycle.stop(wrapper_id_of(record.wrapper_id))
    await context.write(lambda c: resources.hide(c, record.id, context.clock()))
    return DeletedResource(id=record.id, deleted=True)
