"""Serves `/console/nodes`: the nodes that run wrappers, for admins; this one in full."""

import asyncio
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from fastapi import Request, Response

from slackwater.model.instants import SECOND
from slackwater.store.engine import space
from slackwater.supervise.lifecycle.answers import Slots
from slackwater.web.api.context import Here
from slackwater.web.api.nodes import all_nodes
from slackwater.web.console.route import AdminPageRoute, page_router
from slackwater.web.console.view.render import is_partial, page

router = page_router(AdminPageRoute)


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What the machine and our process on it say. Sizes in bytes, `uptime` in seconds."""

    uptime: float
    process_id: int
    memory: int
    cores: int
    load: float  # processes that wanted a core, over the last minute
    store: int
    uploads: int
    upload_count: int
    disk_free: int
    disk_total: int
    data_dir: Path


@router.get("/console/nodes")
async def show(request: Request, context: Here) -> Response:
    """Show what runs where, and how far it is confined."""
    machine = await asyncio.to_thread(_look, context.files_dir, await context.read(space.size))
    slots: Slots = context.lifecycle.slots()
    confinement = [
        (name, measure.in_force, measure.detail) for name, measure in sorted(context.lifecycle.confinement.items())
    ]
    return page(
        request,
        "nodes_list.html" if is_partial(request) else "nodes.html",
        machine=machine,
        slots=slots,
        confinement=confinement,
        nodes=await all_nodes(context),
        clock_off=context.dispatch.warning(),
        now=context.clock(),
        started=context.clock() - int(machine.uptime * SECOND),
    )


def _look(files_dir: Path, store: int) -> Machine:
    ours = psutil.Process()
    data_dir = files_dir.parent
    uploads = [entry.stat().st_size for entry in os.scandir(files_dir) if entry.is_file()]
    disk = shutil.disk_usage(data_dir)
    return Machine(
        uptime=max(0.0, time.time() - ours.create_time()),
        process_id=ours.pid,
        memory=ours.memory_info().rss,
        cores=len(os.sched_getaffinity(0)),
        load=os.getloadavg()[0],
        store=store,
        uploads=sum(uploads),
        upload_count=len(uploads),
        disk_free=disk.free,
        disk_total=disk.total,
        data_dir=data_dir.resolve(),
    )
