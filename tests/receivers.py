"""What alerts are sent to: a mail server and a webhook on free ports of this machine."""

import contextlib
import http.server
import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

SECRET = "T0K3N-hunter2"
RECIPIENTS = ("retention@example.com", "data@example.com")


@dataclass
class Inbox:
    """What a mail server took."""

    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    is_encrypted: list[bool] = field(default_factory=list)
    answer: str = "250 OK"

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take a message, or refuse it."""
        if self.answer.startswith("250"):
            parsed = message_from_bytes(envelope.content or b"", policy=policy.default)
            assert isinstance(parsed, EmailMessage)
            self.messages.append(parsed)
            self.recipients.append(list(envelope.rcpt_tos))
            self.is_encrypted.append(session.ssl is not None)

        return self.answer

    def login(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        """Take any login but one with a wrong password."""
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))

        return AuthResult(success=data.password == SECRET.encode(), handled=False)


@contextlib.contextmanager
def mail_server(inbox: Inbox, **options: object) -> Iterator[int]:
    """Run a mail server on a free port."""
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port(), **options)  # type: ignore[arg-type]
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def certified(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Return TLS for 127.0.0.1, and the certificate to trust, which is made in *folder*."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    return context, certificate


@dataclass
class Receiver:
    """
    A webhook's other end.

    Attributes:
        url: Its address; the path is the secret, as Slack's is.
        bodies: The JSON it took.
        paths: What each was posted to.
        status: What it answers; anything but 200 takes nothing. Its text repeats the path.
    """

    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    status: int = 200


@contextlib.contextmanager
def webhook() -> Iterator[Receiver]:
    """Run an HTTP server on a free port."""
    receiver = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if receiver.status == 200:
                receiver.bodies.append(json.loads(body))
                receiver.paths.append(self.path)
            self.send_response(receiver.status)
            if receiver.status == 302:
                self.send_header("Location", f"http://127.0.0.1:{server.server_port}/elsewhere")
            self.end_headers()
            self.wfile.write(self.path.encode())

        do_GET = do_POST  # noqa: N815  http.server's name

        def log_message(self, *_: object) -> None:  # type: ignore[override]
            """Stay silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/services/{SECRET}"
    # How long it may take to notice that it is to end; the default is half a second.
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
