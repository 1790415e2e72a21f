"""Serves `/resources/{id}/notes`: marks on a chart by people and by changes."""

from typing import Annotated

from fastapi import HTTPException, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from slackwater.errors import BadInput
from slackwater.model.instants import iso, parse_iso
from slackwater.model.texts import Moment, plain
from slackwater.store.engine.database import Connection
from slackwater.store.records import notes, resources
from slackwater.store.records.notes import Mark, MarkKind
from slackwater.web.api.context import Here
from slackwater.web.api.schemas import WRAPPER_ID, Time, guarded, moment
from slackwater.web.security.auth import guarded_router

router = guarded_router("/resources", "resources")

UNKNOWN: dict[int, str | list[str]] = {400: "Invalid resource ID", 404: "Resource not found"}
NoteText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(plain)]


class MarkShape(BaseModel):
    """A mark on a chart: a note, or a change of source, module or points."""

    kind: MarkKind
    at: Time = Field(
        description="Where it stands: of a note the moment in the data that it is about, of revised points the newest."
    )
    text: str = Field(examples=["The sensor was replaced"])
    note_id: str | None = Field(examples=[WRAPPER_ID], description="Of a note.")
    name: str | None = Field(examples=["Ana"], description="Of the key or person that wrote the note.")
    created_at: Time | None
    first: Time | None = Field(description="Of revised points the oldest.")
    points: int | None = Field(examples=[12], description="Of revised points how many; withdrawn ones count, too.")
    run_id: str | None = Field(description="Of the run that has changed them.")


class NoteForm(BaseModel):
    """A new note."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"at": "2026-03-01", "text": "The sensor was replaced"}]}
    )

    at: Moment = Field(description="A date or a time in the data, ISO 8601.")
    text: NoteText


class DeletedNote(BaseModel):
    """A note is gone."""

    id: str = Field(examples=[WRAPPER_ID])
    deleted: bool = Field(examples=[True])


@router.get("/{resource_id}/notes", summary="What is marked on its chart", responses=guarded(UNKNOWN))
async def list_notes(resource_id: str, context: Here) -> list[MarkShape]:
    """Return notes of people, and what was changed of the source, oldest first."""
    found = await context.read(lambda c: notes.marks(c, resources.get(c, resource_id).wrapper_id))
    return list(map(mark_shape, found))


@router.post(
    "/{resource_id}/notes",
    summary="Write a note on its chart",
    responses=guarded(
        {**UNKNOWN, 400: ["Invalid resource ID", "There are 1000 notes; delete one first"]}, admin=True, body=True
    ),
)
async def add_note(resource_id: str, form: NoteForm, request: Request, context: Here) -> MarkShape:
    """Keep a note about a moment in the data."""
    name = request.state.caller.name

    def work(c: Connection) -> Mark:
        owner = resources.get(c, resource_id).wrapper_id
        return notes.add(c, owner, parse_iso(form.at), form.text, name, context.clock())

    try:
        return mark_shape(await context.write(work))
    except BadInput as error:
        raise HTTPException(400, str(error)) from None


@router.delete(
    "/{resource_id}/notes/{note_id}",
    summary="Delete a note",
    responses=guarded({**UNKNOWN, 404: ["Resource not found", "Note not found"]}, admin=True),
)
async def delete_note(resource_id: str, note_id: str, context: Here) -> DeletedNote:
    """Forget a note."""
    await context.write(lambda c: notes.delete(c, resources.get(c, resource_id).wrapper_id, note_id))
    return DeletedNote(id=note_id, deleted=True)


def mark_shape(mark: Mark) -> MarkShape:
    """Return a mark as clients see it."""
    return MarkShape(
        kind=mark.kind,
        at=iso(mark.at),
        text=mark.text,
        note_id=mark.note_id,
        name=mark.name,
        created_at=moment(mark.created_at),
        first=moment(mark.first),
        points=mark.points,
        run_id=mark.run_id,
    )
