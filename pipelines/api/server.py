"""One process that answers: bounded while it reads headers, drained when it is told to end."""

import asyncio
import contextlib
import gc
import logging
import secrets
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import h11
import structlog
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from pipelines.api.door import HEADERS, Door
from pipelines.api.parts import Parts
from pipelines.api.problems import Problem
from pipelines.api.routes import app
from pipelines.errors import ServiceFailed

HEADER_SECONDS = 10.0
DRAIN_SECONDS = 30
# Proxies keep a connection they do not use for 60 s. Were it ended here before, a request that is
# on its way just then would be lost.
IDLE_SECONDS = 75
BACKLOG = 1024

log = structlog.get_logger(__name__)


class Patient(H11Protocol):
    """HTTP/1.1 whose clients have so long for the headers of a request, and no longer."""

    _waits: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for headers."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait on while they are not whole."""
        super().data_received(data)
        # Whoever was answered and still sends the body has that time as well.
        if self.conn.their_state is not h11.IDLE and self.conn.our_state is not h11.DONE:
            self._wait_no_more()
        elif self._waits is None:
            self._wait()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP as everything else is refused; what is half answered just ends."""
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            problem = Problem(400, "not-http", msg, headers={"Connection": "close"})
            response = problem.response(secrets.token_hex(8))
            for event in (
                h11.Response(status_code=400, headers=[*response.raw_headers, *HEADERS]),
                h11.Data(data=bytes(response.body)),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event))
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """There is nobody left to wait for."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        """Give the client its time from now on."""
        self._waits = self.loop.call_later(HEADER_SECONDS, self._leave)

    def _wait_no_more(self) -> None:
        """Take the time away."""
        if self._waits is not None:
            self._waits.cancel()
            self._waits = None

    def _leave(self) -> None:
        """End a connection whose client sends no request."""
        self._waits = None
        if not self.transport.is_closing():
            self.transport.close()


def asgi(parts: Parts) -> ASGIApp:
    """Return the service as an application: the routes behind the door, opened and closed."""
    door = Door(app(parts), parts)

    def look_again() -> None:
        """Look at once whether what is served has changed."""
        parts.models.wake()
        parts.asked.wake()

    @contextlib.asynccontextmanager
    async def running() -> AsyncIterator[None]:
        await parts.asked.open()
        parts.models.start()
        if parts.asked.hints is not None:
            parts.asked.hints.start(look_again)
        if parts.asked.identity is not None:
            parts.asked.identity.start()
        yield
        if parts.asked.hints is not None:
            parts.asked.hints.stop()
        parts.models.stop()
        if parts.asked.identity is not None:
            parts.asked.identity.stop()
        await parts.answering.close()
        parts.scorer.close()
        await parts.asked.close()

    async def service(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await door(scope, receive, send)
            return
        async with contextlib.AsyncExitStack() as stack:
            while True:
                message = await receive()
                if message["type"] == "lifespan.startup":
                    await stack.enter_async_context(running())
                    await send({"type": "lifespan.startup.complete"})
                else:
                    await stack.aclose()
                    await send({"type": "lifespan.shutdown.complete"})
                    return

    return service


def configured(
    app: ASGIApp,
    *,
    lifespan: Literal["on", "off"] = "on",
    certificate: Path | None = None,
    key: Path | None = None,
) -> uvicorn.Config:
    """
    Return how uvicorn is to answer by an application.

    Args:
        app: What answers.
        lifespan: Whether it is told of its begin and end.
        certificate: PEM file of a certificate and its chain, to answer by TLS.
        key: PEM file of its key.
    """
    return uvicorn.Config(
        app,
        http=Patient,
        ws="none",
        lifespan=lifespan,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )


def serve(
    parts: Parts, *, host: str, port: int, certificate: Path | None = None, key: Path | None = None
) -> None:
    """
    Answer until SIGTERM or SIGINT; then take in no more, and answer who was taken in.

    Args:
        parts: What the service is made of.
        host: The address to listen at.
        port: The port; 0 takes one that is free.
        certificate: PEM file of a certificate and its chain, to answer by TLS.
        key: PEM file of its key.

    Raises:
        ServiceFailed: The address cannot be listened at, or the certificate not be read.
    """
    parts.models.moved = settled
    config = configured(asgi(parts), certificate=certificate, key=key)
    # Of a request that is no HTTP uvicorn would say what it was.
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    try:
        config.load()
    except OSError as error:
        raise ServiceFailed(
            f"the certificate and its key cannot be used: {error.strerror or error}",
            next_step="name PEM files that belong together",
        ) from None
    at = listening(host, port)
    # uvicorn raises the signal again once it has drained, and that is an end as it should be.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    log.info("listening", host=host, port=at.getsockname()[1])
    uvicorn.Server(config).run(sockets=[at])
    log.info("drained")


def settled() -> None:
    """
    Leave what is there now out of what Python looks through for cycles.

    Of the 185,000 objects of libraries and models none is ever one, and to look through them takes
    100 ms in which nobody is answered, whenever so many clients have come as they are a quarter of.
    """
    gc.collect()
    gc.freeze()


def listening(host: str, port: int) -> socket.socket:
    """
    Return a socket that listens.

    It says that it is TCP, because asyncio sends without a delay on those alone that do: else the
    body of an answer waits 40 ms for its head to be acknowledged.

    Args:
        host: The address.
        port: The port; 0 takes one that is free.

    Raises:
        ServiceFailed: It cannot be listened at.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        raise ServiceFailed(
            f"the service cannot listen at {host}, port {port}: {error.strerror}",
            next_step="name another with --host and --port, or see what listens there",
        ) from None

    return made
