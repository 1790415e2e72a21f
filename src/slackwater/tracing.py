"""Reports OpenTelemetry traces of stops, runs and their requests to a collector, if set.

The spans themselves stand where the work is done, by the API of OpenTelemetry, which does nothing without a collector.
They hold ids, outcomes, hosts and status codes; no address beyond the host, no header and no body.
"""

import contextlib
import logging
from collections.abc import Iterator

from slackwater import __version__
from slackwater.errors import Unavailable

FLUSH_MS = 2_000  # that the last spans may take to a collector that does not answer: the service is stopping


@contextlib.contextmanager
def tracing(endpoint: str | None) -> Iterator[None]:
    """Report spans to the collector at `endpoint` while the block lasts.

    Without one nothing is done.

    The standard variables OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER and OTEL_RESOURCE_ATTRIBUTES are honoured.
    Unavailable when the libraries are not installed.
    """
    if not endpoint:
        yield
        return
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise Unavailable(
            "Setting otlp_endpoint: the libraries of OpenTelemetry are not installed. Install slackwater[tracing], or "
            "leave the setting out."
        ) from None
    # A collector that is down is reported once a batch, with a traceback, by the exporter: the log has one line for it.
    logging.getLogger("opentelemetry.exporter.otlp.proto.http.trace_exporter").addFilter(_without_traceback)
    provider = TracerProvider(
        resource=Resource.create({"service.name": "slackwater", "service.version": __version__}), shutdown_on_exit=False
    )
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=FLUSH_MS / 1000)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.force_flush(FLUSH_MS)
        provider.shutdown()


def _without_traceback(record: logging.LogRecord) -> bool:
    record.exc_info = None
    return True
