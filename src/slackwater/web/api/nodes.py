"""Serves `/nodes`: the nodes that run wrappers, and what each of them does."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from slackwater.model.instants import SECOND, iso
from slackwater.store.records.nodes import NodeRecord
from slackwater.web.api.context import Context, Here
from slackwater.web.api.schemas import WRAPPER_ID, Time, guarded
from slackwater.web.security.auth import AdminRoute, guarded_router

router: APIRouter = guarded_router("/nodes", "nodes", AdminRoute)


class NodeShape(BaseModel):
    """One node, as it told of itself last."""

    node_id: str = Field(examples=[WRAPPER_ID], description="Of this life of the node.")
    name: str = Field(examples=["worker-1"], description="What `node` of a run says.")
    kind: str = Field(examples=["serve"], description="`serve` answers requests, too; `worker` only runs wrappers.")
    version: str = Field(examples=["0.2.0"])
    started_at: Time
    silent_seconds: float = Field(examples=[1.2], description="Since it renewed its lease.")
    draining: bool = Field(description="It ends its runs and begins no more.")
    runs: int = Field(examples=[3], description="Runs that go on.")
    max_runs: int = Field(examples=[64], description="Runs that may go on at once.")
    processes: int = Field(examples=[3], description="Runs that have a process.")
    wrappers: list[str] = Field(examples=[[WRAPPER_ID]], description="What it runs, 100 at most.")
    memory_mb: float | None = Field(examples=[143.5], description="Memory of the service process, in MiB.")
    cores: int | None = Field(examples=[4])
    labels: list[str] = Field(examples=[["site-a"]], description="It runs what needs none, or some of these.")
    clock_ahead_seconds: float = Field(examples=[0.01], description="Of its clock, before the database's.")


def shape(record: NodeRecord, now: int) -> NodeShape:
    """Return a node as the API shows it. `now` in µs since the epoch."""
    state = record.state
    return NodeShape(
        node_id=record.node_id,
        name=record.name,
        kind=state.get("kind", "serve"),
        version=state.get("version", ""),
        started_at=iso(record.started_at),
        silent_seconds=round(max(0, now - record.renewed_at) / SECOND, 1),
        draining=record.draining,
        runs=state.get("runs", 0),
        max_runs=state.get("max_runs", 0),
        processes=state.get("processes", 0),
        wrappers=state.get("wrappers", []),
        memory_mb=state.get("memory_mb"),
        cores=state.get("cores"),
        labels=state.get("labels", []),
        clock_ahead_seconds=state.get("clock_ahead_seconds", 0.0),
    )


async def all_nodes(context: Context) -> list[NodeShape]:
    """Return all nodes, by name."""
    return [shape(record, context.clock()) for record in await context.dispatch.nodes()]


@router.get("", summary="The nodes that run wrappers", responses=guarded(admin=True))
async def list_nodes(context: Here) -> list[NodeShape]:
    """Return all nodes, by name; without a common database it is this one."""
    return await all_nodes(context)


@router.post(
    "/{node}/drain",
    summary="Let a node run nothing any more",
    responses=guarded(
        {
            404: "Node not found",
            409: "This node is alone: nobody else could run its sources. Stop the service instead.",
        },
        admin=True,
    ),
)
async def drain(context: Here, node: str) -> NodeShape:
    """End the runs of a node; they go on elsewhere at once.

    It is named by its id or name, and begins no more until it is started again.
    """
    return shape(await context.dispatch.drain(node), context.clock())
