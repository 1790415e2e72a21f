"""`/metrics`: the state of service and sources in Prometheus' text format."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from slackwater.model.instants import SECOND
from slackwater.model.status import Status
from slackwater.store.engine.database import Connection
from slackwater.store.records import counters, overview, wrappers
from slackwater.supervise.lifecycle.answers import Activity, Slots
from slackwater.web.api.context import Here
from slackwater.web.api.schemas import guarded
from slackwater.web.security.auth import guarded_router

MOST_SOURCES = 1_000  # with series of their own, ten each: what one Prometheus target of usual size holds

router = guarded_router("/metrics", "service")


@dataclass(frozen=True, kw_only=True)
class Scraped:
    """The facts of one scrape; `now` in µs since the epoch, durations in seconds."""

    now: int
    version: str
    totals: overview.Totals
    sources: list[overview.WrapperLine]  # failing first, MOST_SOURCES at the most
    due: int
    counted: dict[str, counters.Counters]
    slots: Slots
    activity: Activity
    store_seconds: float
    loop_seconds: float


@router.get(
    "",
    summary="Metrics for Prometheus",
    responses={
        **guarded(),
        200: {"content": {"text/plain": {"example": 'slackwater_sources{status="executing"} 3.0'}}},
    },
    response_class=PlainTextResponse,
)
async def metrics(context: Here) -> Response:
    """Return the metrics of service and sources, at most 1,000 sources, failing first."""
    began = time.perf_counter()
    await asyncio.sleep(0)
    loop_seconds = time.perf_counter() - began
    now, slots, activity = context.clock(), context.lifecycle.slots(), context.lifecycle.activity()

    def look(c: Connection) -> Scraped:
        begun = time.perf_counter()
        sources = overview.failing_first(c, MOST_SOURCES)
        return Scraped(
            now=now,
            version=context.version,
            totals=overview.totals(c, now),
            sources=sources,
            due=wrappers.count_due(c, now),
            counted=counters.of(c, [line.wrapper_id for line in sources]),
            slots=slots,
            activity=activity,
            store_seconds=time.perf_counter() - begun,
            loop_seconds=loop_seconds,
        )

    seen = await context.read(look)
    # Text of a thousand sources takes some 50 ms, in which nobody else should wait.
    return Response(await asyncio.to_thread(exposed, seen), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def exposed(seen: Scraped) -> bytes:
    """Return what a scrape has seen as text."""
    registry = CollectorRegistry()
    registry.register(_Families(seen))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Families(Collector):
    def __init__(self, seen: Scraped) -> None:
        self._seen = seen

    def collect(self) -> Iterator[Metric]:
        yield from _of_service(self._seen)
        yield from _of_sources(self._seen)


def _of_service(seen: Scraped) -> Iterator[Metric]:
    build = GaugeMetricFamily("slackwater_build_info", "Which version this is.", labels=["version"])
    build.add_metric([seen.version], 1)
    yield build
    states = GaugeMetricFamily("slackwater_sources", "Sources by status.", labels=["status"])
    for status in Status:
        states.add_metric([status.value], seen.totals.by_status.get(status, 0))
    yield states
    runs = CounterMetricFamily("slackwater_runs", "Runs that have ended since the start.", labels=["task", "outcome"])
    for labels, count in sorted(seen.activity.runs.items()):
        runs.add_metric(labels, count)
    yield runs
    requests = CounterMetricFamily(
        "slackwater_requests",
        "Requests since the start, by host and status code, or the kind of fault where there was no answer.",
        labels=["host", "status"],
    )
    for labels, count in sorted(seen.activity.requests.items()):
        requests.add_metric(labels, count)
    yield requests
    slots, totals = seen.slots, seen.totals
    for name, words, value in (
        ("slackwater_ready", "1 when the service works, 0 while it starts or stops.", float(slots.ready)),
        ("slackwater_points_stored", "Distinct points stored of all sources.", totals.points),
        ("slackwater_points_new_today", "Points that were new since midnight, UTC.", totals.today),
        ("slackwater_run_slots", "Runs that may go on at once.", slots.total),
        ("slackwater_run_slots_used", "Runs that go on.", slots.used),
        ("slackwater_wrapper_processes", "Wrapper processes that live.", slots.processes),
        ("slackwater_sources_due", "Sources whose time has come and that have not begun yet.", seen.due),
        ("slackwater_store_read_seconds", "How long the store took to answer this scrape.", seen.store_seconds),
        ("slackwater_loop_delay_seconds", "How long the event loop let this scrape wait.", seen.loop_seconds),
        ("slackwater_sources_omitted", "Sources beyond those with series of their own.", _omitted(seen)),
    ):
        yield GaugeMetricFamily(name, words, value=value)


def _omitted(seen: Scraped) -> int:
    return seen.totals.wrappers - len(seen.sources)


def _of_sources(seen: Scraped) -> Iterator[Metric]:
    by = ["wrapper_id", "name"]

    def gauge(name: str, words: str) -> GaugeMetricFamily:
        return GaugeMetricFamily(f"slackwater_source_{name}", words, labels=by)

    def counter(name: str, words: str) -> CounterMetricFamily:
        return CounterMetricFamily(f"slackwater_source_{name}", words, labels=by)

    error = gauge("error", "1 when the source has failed for good: its status is `error`.")
    tries = gauge("failed_tries", "Failed runs in a row.")
    age = gauge("newest_age_seconds", "Age of its newest point.")
    late = gauge("late_after_seconds", "Age of the newest point from which on data is late.")
    points = gauge("points", "Distinct points stored.")
    sent = gauge("last_data_timestamp_seconds", "When it last gave data, in seconds since the epoch.")
    requests = counter("requests", "Requests sent to it.")
    received = counter("received_bytes", "Bytes received from it.")
    rejected = counter("rejected_records", "Records that could not be read.")
    polls = counter("runs", "Runs that have ended.")
    for line in seen.sources:
        labels = [line.wrapper_id, line.name]
        error.add_metric(labels, float(line.status is Status.ERROR))
        tries.add_metric(labels, line.retry_count)
        points.add_metric(labels, line.points)
        if line.high_water_mark is not None:
            age.add_metric(labels, (seen.now - line.high_water_mark) / SECOND)
        if line.freshness.advances:
            late.add_metric(labels, line.freshness.allowed_age(line.period) / SECOND)
        if line.last_data_sent is not None:
            sent.add_metric(labels, line.last_data_sent / SECOND)
        if count := seen.counted.get(line.wrapper_id):
            requests.add_metric(labels, count.requests)
            received.add_metric(labels, count.received)
            rejected.add_metric(labels, count.rejected)
            polls.add_metric(labels, count.polls)
    yield from (error, tries, age, late, points, sent, requests, received, rejected, polls)
