"""`/resources/wrappers/files`: uploads."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from fastapi import Request
from pydantic import BaseModel, Field

from slackwater.errors import SlackwaterError, Unavailable
from slackwater.store.engine.database import Connection
from slackwater.store.engine.fsync import settle
from slackwater.store.records import files
from slackwater.store.records.files import FileRecord
from slackwater.store.uploads.at_url import COMMIT_WITHIN, not_set
from slackwater.web.api.context import Context, Here
from slackwater.web.api.schemas import WRAPPER_ID, Time, guarded, moment
from slackwater.web.security.auth import guarded_router
from slackwater.web.transport.multipart_upload import Received, receive

router = guarded_router("/resources/wrappers/files", "files")

UNKNOWN = {404: "File not found"}
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "A .csv, .xlsx or .xls file."}
                    },
                }
            }
        },
    }
}


class ColumnShape(BaseModel):
    """A column of a file."""

    name: str = Field(examples=["co2"])
    type: str = Field(examples=["number"])
    sample: str = Field(examples=["316.1"])


class FileShape(BaseModel):
    """An upload and what its inspection found."""

    file_id: str = Field(examples=[WRAPPER_ID])
    filename: str = Field(examples=["co2.csv"])
    file_size: int = Field(examples=[41287], description="Bytes.")
    uploaded_at: Time
    preview_data: str = Field(examples=["date,co2\n1958-03-29,316.1\n"], description="Text of the first 5 rows.")
    validation_status: str = Field(examples=["valid", "invalid"])
    validation_errors: list[str] = Field(examples=[[]])
    message: str = Field(examples=["File uploaded successfully"])
    columns: list[ColumnShape]
    row_count: int = Field(examples=[2225])
    sheets: list[str] = Field(examples=[[]])


class FileList(BaseModel):
    """The newest uploads, newest first."""

    files: list[FileShape]
    count: int = Field(examples=[1])


class DeletedFile(BaseModel):
    """A file is gone."""

    file_id: str = Field(examples=[WRAPPER_ID])
    deleted: bool = Field(examples=[True])


def file_shape(record: FileRecord) -> FileShape:
    """Return a file as every endpoint returns it."""
    return FileShape(
        file_id=record.file_id,
        filename=record.filename,
        file_size=record.size,
        uploaded_at=moment(record.uploaded_at) or "",
        preview_data=record.preview,
        validation_status="valid" if record.valid else "invalid",
        validation_errors=list(record.errors),
        message="File uploaded successfully" if record.valid else f"File cannot be used: {record.reason}.",
        columns=[ColumnShape.model_validate(column) for column in record.columns],
        row_count=record.row_count,
        sheets=list(record.sheets),
    )


@router.post(
    "/upload",
    summary="Upload a CSV or Excel file",
    openapi_extra=_FORM,
    responses={
        **guarded(
            {
                400: "Only .csv, .xlsx and .xls files can be uploaded, not 'notes.pdf'.",
                408: "The body of the request did not arrive in time.",
                413: "The file is larger than 50 MiB.",
                503: "Service unavailable: The process that read the file does not end.",
            },
            admin=True,
        ),
        422: {
            "description": "There is no field `file`.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/HTTPValidationError"}}},
        },
    },
)
async def upload(request: Request, context: Here) -> FileShape:
    """Store a file and return its inspection; an unusable one is `invalid` with reason."""
    file_id = str(uuid.uuid4())
    with _disk_trouble_as_unavailable():
        received = await receive(request, context.files_dir / file_id, context.max_upload)
    try:
        record = await _inspected(context, file_id, received)
        with _disk_trouble_as_unavailable():
            await asyncio.to_thread(settle, received.path)
        return file_shape(await _kept(context, record, received.path))
    except BaseException:
        received.path.unlink(missing_ok=True)
        raise


@router.get("", summary="List the newest 100 files", responses=guarded())
async def list_files(context: Here) -> FileList:
    """Return the newest 100 files, newest first."""
    found = [file_shape(record) for record in await context.read(files.newest)]
    return FileList(files=found, count=len(found))


@router.get("/{file_id}", summary="Show a file", responses=guarded(UNKNOWN))
async def show(file_id: str, context: Here) -> FileShape:
    """Return what is known of a file."""
    return file_shape(await context.read(lambda c: files.get(c, file_id)))


@router.delete(
    "/{file_id}",
    summary="Delete a file",
    responses=guarded(
        {**UNKNOWN, 409: f"co2.csv is being read by wrapper {WRAPPER_ID}; stop that wrapper first."}, admin=True
    ),
)
async def delete(file_id: str, context: Here) -> DeletedFile:
    """Delete a file that no wrapper is reading."""
    await _forget_at_url(context, await context.read(lambda c: files.deletable(c, file_id)))
    record = await context.write(lambda c: files.delete(c, file_id))
    await asyncio.to_thread(files.path(context.files_dir, record).unlink, missing_ok=True)
    return DeletedFile(file_id=record.file_id, deleted=True)


async def _kept(context: Context, record: FileRecord, content: Path) -> FileRecord:
    """Store an upload, its bytes first where the settings name a place for them."""
    if context.files_place is None:
        return await context.write(lambda c: files.add(c, record, content))
    placed = await context.files_place.keep(record, content)

    def add(c: Connection) -> FileRecord:
        # After that the bytes may be taken for those of an upload that was cut off. The database ends a transaction
        # whose node is frozen behind this.
        if context.clock() - placed.uploaded_at > COMMIT_WITHIN:
            raise Unavailable("The upload took too long; send it again.")
        return files.add(c, placed, content)

    try:
        stored = await context.write(add)
    except Exception:
        # Whether it was stored may not be known: bytes too many do no harm, and bytes that are missed do.
        with suppress(SlackwaterError):
            if not await context.read(lambda c: files.is_known(c, record.file_id)):
                await context.files_place.forget(placed)
                await context.files_place.settled(placed)
        raise
    with suppress(SlackwaterError):  # a mark that stays is removed by the sweep
        await context.files_place.settled(placed)
    return stored


async def _forget_at_url(context: Context, record: FileRecord) -> None:
    """Remove the bytes of a file at the URL.

    Before it is forgotten: later nobody would know of them.
    """
    if not record.at_url:
        return
    if context.files_place is None:
        raise not_set(record)
    await context.files_place.forget(record)


@contextmanager
def _disk_trouble_as_unavailable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unavailable(f"The file cannot be kept in the data directory: {reason}.") from None


async def _inspected(context: Context, file_id: str, received: Received) -> FileRecord:
    arrived = FileRecord(
        file_id=file_id, filename=received.filename, kind=received.kind, size=received.size, uploaded_at=context.clock()
    )
    if received.size == 0:
        return replace(arrived, errors=("The file is empty.",))
    found = await context.lifecycle.inspect(received.path, received.filename)
    return replace(
        arrived,
        preview=found.preview,
        columns=tuple(found.columns),
        row_count=found.row_count,
        sheets=tuple(found.sheets),
        errors=tuple(found.errors),
    )
