"""The series of a resource with their units, and what people say of these."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from slackwater.model.texts import Text, Unit
from slackwater.store.engine.database import Connection
from slackwater.store.records import resources, units
from slackwater.store.series import readings
from slackwater.web.api.context import Here
from slackwater.web.api.schemas import guarded, wrapper_id_of
from slackwater.web.security.auth import ResourceRoute, guarded_router

router: APIRouter = guarded_router("/resources", "resources", ResourceRoute)
of_wrappers = guarded_router("/resources/wrappers", "wrappers")


class SeriesShape(BaseModel):
    """A series of a resource."""

    series: str = Field(examples=["Average price (€)"])
    unit: str | None = Field(examples=["€"], description="As said of it, as its name has it, or of the whole source.")


class UnitsForm(BaseModel):
    """Units of single series."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"units": {"level": "m"}}]})

    units: dict[Text, Unit] = Field(max_length=1000, description="Name of a series → its unit.")


class UnitsShape(BaseModel):
    """What is said of the units of single series."""

    units: dict[str, str] = Field(examples=[{"level": "m"}])


@router.get(
    "/{resource_id}/series",
    summary="Its series and their units",
    responses=guarded({400: "Invalid resource ID", 404: "Resource not found"}),
)
async def list_series(resource_id: str, context: Here) -> list[SeriesShape]:
    """Return the series in the order of their names."""

    def look(c: Connection) -> list[SeriesShape]:
        resource = resources.get(c, resource_id)
        known = units.units_of(c, resource.wrapper_id)
        return [SeriesShape(series=name, unit=known.of(name)) for name in readings.series_names(c, resource.wrapper_id)]

    return await context.read(look)


@of_wrappers.put(
    "/{wrapper_id}/units",
    summary="Say the units of series",
    responses=guarded({404: "Wrapper not found"}, admin=True, body=True),
)
async def replace_units(wrapper_id: str, form: UnitsForm, context: Here) -> UnitsShape:
    """Replace `metadata.units`, also while the wrapper executes."""
    known = wrapper_id_of(wrapper_id)
    await context.write(lambda c: units.replace(c, known, form.units, context.clock()))
    return UnitsShape(units=form.units)
