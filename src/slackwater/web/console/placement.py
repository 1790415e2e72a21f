"""Offers the labels of the workers where a source may run."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from slackwater.model.labels import labels
from slackwater.web.api.context import Context

_BETWEEN = re.compile(r"[,;\s]+")  # labels hold none of these


@dataclass(frozen=True)
class Placement:
    """The labels that a source needs of its worker, and those that there are."""

    chosen: tuple[str, ...]
    known: tuple[str, ...]


async def placement(context: Context, chosen: Collection[str] = ()) -> Placement | None:
    """Return what a form shows of labels.

    None where no worker has one, and none is chosen.
    """
    nodes = await context.dispatch.nodes()
    known = {label for node in nodes for label in node.state.get("labels", ())}
    return Placement(tuple(chosen), tuple(sorted(known))) if known or chosen or len(nodes) > 1 else None


def typed(text: str) -> tuple[str, ...]:
    """Return the labels that a person has typed.

    ValueError says which is none.
    """
    return labels(filter(None, _BETWEEN.split(text)))
