"""A small server that tells Prometheus how the nights are."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from socketserver import ThreadingMixIn
from types import FrameType
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog
from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from pipelines.domain.nights.figures import FIGURES, Sample
from pipelines.errors import DatabaseUnavailable, ServiceFailed

# However many ask, the warehouse is asked no oftener than that.
KEPT_SECONDS = 10.0

log = structlog.get_logger(__name__)


class Nights(Collector):
    """
    The figures of now.

    Args:
        samples: Returns them, or raises DatabaseUnavailable.
        kept_seconds: For how long what it returned is told again.
    """

    def __init__(
        self, samples: Callable[[], Sequence[Sample]], kept_seconds: float = KEPT_SECONDS
    ) -> None:
        self._samples, self._kept_seconds = samples, kept_seconds
        self._lock = threading.Lock()
        self._known: Sequence[Sample] = ()
        self._asked_at: float | None = None
        self._is_up = False

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield every figure; while the warehouse does not answer none but that it does not."""
        with self._lock:
            self._ask()
            known, is_up = self._known, self._is_up
        up = GaugeMetricFamily("churn_warehouse_up", "1 while the warehouse answers the exporter.")
        up.add_metric([], float(is_up))
        yield up
        for figure in FIGURES.values():
            family = GaugeMetricFamily(figure.name, figure.help, labels=figure.labels)
            for sample in known:
                if sample.name == figure.name:
                    family.add_metric(sample.labels, sample.value)
            yield family

    def _ask(self) -> None:
        """Ask the warehouse, unless it was asked a moment ago."""
        now = time.monotonic()
        if self._asked_at is not None and now - self._asked_at < self._kept_seconds:
            return
        try:
            self._known, is_up = self._samples(), True
        except DatabaseUnavailable as error:
            # A figure of an hour ago that is told as one of now would hide that nobody knows.
            self._known, is_up = (), False
            if self._is_up or self._asked_at is None:
                log.error("warehouse_unavailable", reason=error.message)
        self._is_up, self._asked_at = is_up, now


class _Server(ThreadingMixIn, WSGIServer):
    """Answers each who asks by a thread of their own."""

    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    """Says nothing of each request, and waits for none longer than a while."""

    timeout = 10

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve(samples: Callable[[], Sequence[Sample]], *, host: str, port: int) -> None:
    """
    Answer `/metrics` until SIGTERM or SIGINT.

    Args:
        samples: Returns the figures of now, or raises DatabaseUnavailable.
        host: The address to listen at.
        port: The port; 0 takes one that is free.

    Raises:
        ServiceFailed: It cannot be listened at.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Nights(samples))
    try:
        server = make_server(
            host, port, make_wsgi_app(registry), server_class=_Server, handler_class=_Quiet
        )
    except OSError as error:
        raise ServiceFailed(
            f"the exporter cannot listen at {host}, port {port}: {error.strerror}",
            next_step="name another with --host and --port, or see what listens there",
        ) from None

    def end(_number: int, _frame: FrameType | None) -> None:
        """Take in no more; what is being answered is."""
        threading.Thread(target=server.shutdown).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    log.info("listening", host=host, port=server.server_port)
    server.serve_forever(0.1)
    server.server_close()
    log.info("ended")
