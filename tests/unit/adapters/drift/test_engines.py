"""Which engine is chosen, and what becomes of the process of one."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipelines.adapters.drift import engines
from pipelines.adapters.drift.alibi_engine import AlibiEngine
from pipelines.domain.drift.joint import JointTest
from pipelines.errors import ConfigError, ServiceFailed
from pipelines.settings import ROOT

TABLE = pa.table({"usage": [0.1, 0.2]})


def test_a_process_that_fails_says_why_and_what_else_to_do(tmp_path: Path) -> None:
    """The last line of its error, and the setting that does without it."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'ImportError: no alibi' >&2\nexit 3\n")
    python.chmod(0o755)

    with pytest.raises(ServiceFailed, match="exit code 3: ImportError: no alibi") as caught:
        AlibiEngine(python, tmp_path / "samples").p_values(TABLE, TABLE, ())
    assert 'engine = "scipy"' in caught.value.next_step


def test_the_process_is_given_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords of ours are not in its environment."""
    monkeypatch.setenv("CHURN_SMTP_URL", "smtp://user:hunter2@mail")
    python, seen = tmp_path / "python", tmp_path / "seen"
    python.write_text(f"#!/bin/sh\nenv > {seen}\nexit 3\n")
    python.chmod(0o755)

    with pytest.raises(ServiceFailed):
        AlibiEngine(python, tmp_path / "samples").p_values(TABLE, TABLE, ())
    assert "TRANSFORMERS_OFFLINE=1" in seen.read_text()
    assert "hunter2" not in seen.read_text()


# Answers every question alike, and dies of the third.
ANSWERING = """#!{python}
import json, os, sys
for number, line in enumerate(sys.stdin):
    if number == 2:
        sys.exit("nothing is left")
    with open({seen!r}, "a") as seen:
        print(os.getpid(), file=seen)
    with open(json.loads(line)[-1], "w") as answer:
        json.dump(dict(auc=0.5, p_value=1.0), answer)
    print("answered", flush=True)
"""


def test_a_process_stays_for_the_next_question_and_ends_with_the_engine(tmp_path: Path) -> None:
    """One that has died is told of, and the question after it is another's; no sample is left."""
    python, seen, samples = (tmp_path / name for name in ("python", "seen", "samples"))
    python.write_text(ANSWERING.format(python=sys.executable, seen=str(seen)))
    python.chmod(0o755)
    engine = AlibiEngine(python, samples)
    for _ in range(2):
        assert JointTest(auc=0.5, p_value=1.0) == engine.joint(np.eye(2), np.eye(2))
    assert [] == [path.name for path in samples.rglob("*") if path.suffix in {".npz", ".json"}]
    with pytest.raises(ServiceFailed, match="exit code 1: nothing is left"):
        engine.joint(np.eye(2), np.eye(2))
    engine.joint(np.eye(2), np.eye(2))
    del engine

    first, second, third = (int(line) for line in seen.read_text().split())
    assert first == second != third
    with pytest.raises(ProcessLookupError):
        os.kill(third, 0)
    assert not Path(f"/proc/{third}").exists()
    assert [".drift.lock"] == [path.name for path in samples.iterdir()]


def test_auto_takes_alibi_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment decides for auto, and its absence refuses alibi but not scipy."""
    monkeypatch.delenv("CHURN_ALIBI_PYTHON", raising=False)
    assert "scipy" == engines.choose("auto", tmp_path, tmp_path / "samples").name
    with pytest.raises(ConfigError, match="not there"):
        engines.choose("alibi", tmp_path, tmp_path / "samples")

    python = tmp_path / ".venv-alibi" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert "alibi" == engines.choose("auto", tmp_path, tmp_path / "samples").name
    assert "scipy" == engines.choose("scipy", tmp_path, tmp_path / "samples").name


# Compares two customers in a process of its own.
COMPARE = """
import sys
from pathlib import Path
import pyarrow as pa
from pipelines.adapters.drift.alibi_engine import AlibiEngine
table = pa.table({"usage": [0.1, 0.2]})
AlibiEngine(Path(sys.argv[1]), Path(sys.argv[2])).p_values(table, table, ())
"""


def test_samples_of_a_killed_run_are_removed_by_the_next_and_those_of_a_live_one_stay(
    tmp_path: Path,
) -> None:
    """Nothing of them is in the system's folder for temporary files, where nobody would look."""
    samples, python = tmp_path / "samples", tmp_path / "python"
    python.write_text("#!/bin/sh\nsleep 600\n")
    python.chmod(0o755)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    command = [sys.executable, "-c", COMPARE, python, samples]
    killed, alive = (
        subprocess.Popen(command, env={"TMPDIR": str(temporary), "PATH": "/usr/bin:/bin"}, cwd=ROOT)
        for _ in range(2)
    )
    while len([*samples.glob(".drift-*/current.npz")]) < 2:
        time.sleep(0.05)
    killed.kill()
    killed.wait()
    assert 2 == len([*samples.glob(".drift-*/reference.npz")])

    failing = tmp_path / "failing"
    failing.write_text("#!/bin/sh\nexit 3\n")
    failing.chmod(0o755)
    with pytest.raises(ServiceFailed):
        AlibiEngine(failing, samples).p_values(TABLE, TABLE, ())
    left = [*samples.glob(".drift-*/reference.npz")]
    alive.kill()
    alive.wait()

    assert 1 == len(left)
    assert [] == [*temporary.iterdir()]
    with pytest.raises(ServiceFailed):
        AlibiEngine(failing, samples).p_values(TABLE, TABLE, ())
    assert [".drift.lock"] == [path.name for path in samples.iterdir()]
