"""The socket of the service, and what stands in its way."""

import datetime
import gc
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipelines.api import server
from pipelines.api.server import asgi, listening
from pipelines.errors import ServiceFailed
from tests.unit.api.service_house import POPULATION, ServiceHouse, model, parts_of, serving

SCRIPT = """
import sys
from pathlib import Path
from pipelines.api import server
from tests.unit.api.service_house import ServiceHouse, parts_of
server.serve(
    parts_of(ServiceHouse()), host="127.0.0.1", port=int(sys.argv[1]),
    certificate=Path(sys.argv[2]), key=Path(sys.argv[3]),
)
"""


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_what_is_listened_at_is_tcp_and_says_so(host: str) -> None:
    """Else each answer waits 40 ms for its own head."""
    with listening(host, 0) as found:
        assert socket.IPPROTO_TCP == found.proto


def test_where_somebody_listens_nobody_else_does() -> None:
    """The address is named, and what to do."""
    with listening("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServiceFailed, match=f"127.0.0.1, port {port}: .+") as refused:
            listening("127.0.0.1", port)

    assert "--port" in refused.value.next_step


def test_a_connection_is_kept_longer_than_proxies_keep_what_they_do_not_use() -> None:
    """Whoever asks ends it, not whoever is asked: a request on its way would be lost."""
    common_proxy_seconds = 60

    assert (
        common_proxy_seconds < server.configured(asgi(parts_of(ServiceHouse()))).timeout_keep_alive
    )


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate of this machine and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, secret = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )

    return chain, secret


def test_it_answers_by_tls_and_nothing_else_then(certificate: tuple[Path, Path]) -> None:
    """And ends with 0 when it is told to."""
    chain, secret = certificate
    with listening("127.0.0.1", 0) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(port), chain, secret], stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 60
        with requests.Session() as session:
            session.trust_env = False
            while True:
                try:
                    found = session.get(
                        f"https://localhost:{port}/health/live", verify=str(chain), timeout=10
                    )
                    break
                except requests.ConnectionError:
                    assert process.poll() is None
                    assert time.monotonic() < until
                    time.sleep(0.05)
            with pytest.raises(requests.ConnectionError):
                session.get(f"http://localhost:{port}/health/live", timeout=10)
        process.terminate()
        code = process.wait(60)
    finally:
        process.kill()

    assert (200, 0) == (found.status_code, code)


def test_a_certificate_that_is_none_is_told(tmp_path: Path) -> None:
    """Before anything listens."""
    nothing = tmp_path / "nothing.pem"
    for text in (None, "no certificate"):
        if text is not None:
            nothing.write_text(text)
        with pytest.raises(ServiceFailed, match="certificate and its key"):
            server.serve(
                parts_of(ServiceHouse()),
                host="127.0.0.1",
                port=0,
                certificate=nothing,
                key=nothing,
            )


def test_a_hint_has_models_looked_up_soon() -> None:
    """Long before they would be, and each of two."""
    house = ServiceHouse()
    house.crown(model())
    with serving(house):
        for version, size in ((2, 2.0), (3, 0.5)):
            house.crown(model(size=size))
            house.parts.models.wake()
            until = time.monotonic() + 60
            while house.parts.models.served[POPULATION].version.version != version:
                assert time.monotonic() < until
                time.sleep(0.01)


def test_whoever_wants_to_know_is_told_when_a_model_has_moved() -> None:
    """Once each time, and never else."""
    house, told = ServiceHouse(), list[int]()
    house.crown(model())
    with serving(house):
        models = house.parts.models
        models.moved = lambda: told.append(models.served[POPULATION].version.version)
        for version, size in ((2, 2.0), (3, 0.5)):
            models.refresh()
            house.crown(model(size=size))
            models.refresh()
            assert version == told[-1]

    assert [2, 3] == told


def test_what_is_there_is_looked_through_for_cycles_no_more() -> None:
    """What comes after it is."""
    gc.unfreeze()
    before = gc.get_freeze_count()
    try:
        server.settled()
        assert before + 50_000 < gc.get_freeze_count()
        assert 10_000 > len(gc.get_objects())
    finally:
        gc.unfreeze()


def test_models_are_looked_up_by_a_thread_that_ends() -> None:
    """With the service."""
    house = ServiceHouse()
    house.crown(model())
    with serving(house):
        assert "models" in {thread.name for thread in threading.enumerate()}
    time.sleep(0.1)

    assert "models" not in {thread.name for thread in threading.enumerate()}
