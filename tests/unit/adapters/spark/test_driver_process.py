"""The driver's process is found or asked for, is given no secret, and ends whole."""

import socket
import time
from pathlib import Path

import psutil
import pytest

from pipelines.adapters.spark import configuration, driver_process
from pipelines.errors import ConfigError, ServiceFailed
from pipelines.sections import Spark


def program(path: Path, text: str) -> Path:
    """Write something that stands in for Python, or for Java."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)

    return path


def run(python: Path, tmp_path: Path, *, seconds: int = 60) -> str:
    """Run it as the driver; return its log."""
    conf = tmp_path / "conf"
    conf.mkdir(exist_ok=True)
    log = tmp_path / "logs" / "spark.log"
    driver_process.run(
        python,
        [tmp_path / "job", tmp_path / "answer"],
        code=tmp_path / "code.zip",
        conf=conf,
        host="127.0.0.1",
        worker_python=None,
        log=log,
        seconds=seconds,
    )

    return log.read_text("utf-8")


def test_its_environment_is_found_or_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the checkout or where CHURN_SPARK_PYTHON says, and Java beside it."""
    monkeypatch.delenv("CHURN_SPARK_PYTHON", raising=False)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
    with pytest.raises(ConfigError, match="environment is not there") as caught:
        driver_process.interpreter(tmp_path)
    assert caught.value.next_step.startswith("make spark")
    python = program(tmp_path / ".venv-spark" / "bin" / "python", "")
    with pytest.raises(ConfigError, match="no Java"):
        driver_process.interpreter(tmp_path)
    program(tmp_path / "java" / "bin" / "java", "")

    assert python == driver_process.interpreter(tmp_path)
    monkeypatch.setenv("CHURN_SPARK_PYTHON", str(program(tmp_path / "other", "")))
    assert tmp_path / "other" == driver_process.interpreter(tmp_path)


def test_it_is_given_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords of ours are not in its environment."""
    monkeypatch.setenv("CHURN_SMTP_URL", "smtp://user:hunter2@mail")
    said = run(program(tmp_path / "python", 'env; echo "$@"'), tmp_path)

    assert "SPARK_LOCAL_IP=127.0.0.1" in said
    assert f"-m {driver_process.MODULE} {tmp_path / 'job'}" in said
    assert "hunter2" not in said


def test_what_it_started_ends_with_it(tmp_path: Path) -> None:
    """In time or too late, of its group nobody is left."""
    left = tmp_path / "left"
    python = program(tmp_path / "python", f"sleep 600 & echo $! > {left}; wait")

    with pytest.raises(ServiceFailed, match="within 1 s"):
        run(python, tmp_path, seconds=1)
    deadline = time.monotonic() + 30
    while psutil.pid_exists(int(left.read_text())):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_one_that_does_not_start_is_told(tmp_path: Path) -> None:
    """With what to install."""
    (tmp_path / "python").write_text("no program")

    with pytest.raises(ServiceFailed, match="did not start") as caught:
        run(tmp_path / "python", tmp_path)
    assert "make spark" in caught.value.next_step


def test_a_master_that_does_not_listen_is_told_at_once() -> None:
    """One of several will do, and threads of this machine have none."""
    driver_process.require_reachable("local[2]")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        there = f"127.0.0.1:{listening.getsockname()[1]}"
        driver_process.require_reachable(f"spark://{there}")
        driver_process.require_reachable(f"spark://127.0.0.1:1,{there}")

    with pytest.raises(ServiceFailed, match=f"spark://{there} cannot be reached"):
        driver_process.require_reachable(f"spark://{there}")


def test_a_cluster_has_one_secret_that_only_its_owner_reads(tmp_path: Path) -> None:
    """Made once; what the driver is told begins with it, and keeps nothing of a job."""
    first = configuration.cluster_file(tmp_path / "spark")
    secret = first.read_text("utf-8")
    configuration.write(Spark(), configuration.cluster_file(tmp_path / "spark"), tmp_path / "conf")
    told = (tmp_path / "conf" / "spark-defaults.conf").read_text("utf-8")
    lines = dict(line.split(" ", 1) for line in told.splitlines())

    assert secret == first.read_text("utf-8")
    assert told.startswith(secret)
    assert 64 == len(lines["spark.authenticate.secret"])
    assert {0o600} == {
        path.stat().st_mode & 0o777 for path in (first, tmp_path / "conf" / "spark-defaults.conf")
    }
    assert 0o700 == (tmp_path / "conf").stat().st_mode & 0o777
    expected = {
        "spark.authenticate": "true",
        "spark.network.crypto.enabled": "true",
        "spark.ui.enabled": "false",
        "spark.eventLog.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
    }
    assert expected == {name: lines[name] for name in expected}
