"""`/resources/wrappers/tags`: which tags there are, and tags of many wrappers at once."""

from typing import Annotated

from fastapi import HTTPException
from pydantic import BaseModel, ConfigDict, Field

from slackwater.errors import BadInput
from slackwater.model.texts import Tag
from slackwater.store.records import tags
from slackwater.web.api.context import Here
from slackwater.web.api.schemas import WRAPPER_ID, PlainText, guarded, wrapper_id_of
from slackwater.web.security.auth import guarded_router

router = guarded_router("/resources/wrappers", "wrappers")
Tags = Annotated[list[Tag], Field(max_length=50)]


class TagShape(BaseModel):
    """A tag, and how many wrappers have it."""

    tag: str = Field(examples=["coast"])
    wrappers: int = Field(examples=[12])


class TagForm(BaseModel):
    """Which wrappers get and lose which tags; `remove` is done first."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"wrapper_ids": [WRAPPER_ID], "add": ["coast"], "remove": ["to check"]}]},
    )

    wrapper_ids: list[PlainText] = Field(min_length=1, max_length=100_000)
    add: Tags = Field(default_factory=list)
    remove: Tags = Field(default_factory=list)


class TaggedShape(BaseModel):
    """How many wrappers have other tags than before."""

    changed: int = Field(examples=[1])


@router.get("/tags", summary="List the tags", responses=guarded())
async def list_tags(context: Here) -> list[TagShape]:
    """Return every tag and how many wrappers have it, in alphabetical order."""
    return [TagShape(tag=tag, wrappers=number) for tag, number in await context.read(tags.counted)]


@router.post(
    "/tags",
    summary="Add and remove tags of many",
    responses=guarded(
        {400: "Invalid request: A source has at most 50 tags", 404: "Wrapper not found"}, admin=True, body=True
    ),
)
async def change_tags(form: TagForm, context: Here) -> TaggedShape:
    """Change tags of wrappers, also of those that execute; all of them or none."""
    ids = [wrapper_id_of(each) for each in form.wrapper_ids]
    try:
        return TaggedShape(
            changed=await context.write(lambda c: tags.change(c, ids, form.add, form.remove, context.clock()))
        )
    except BadInput as error:
        raise HTTPException(400, f"Invalid request: {error}") from None
