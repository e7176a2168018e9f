"""Which engine is chosen, and what becomes of the process of one."""

from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.adapters.drift import engines
from pipelines.adapters.drift.alibi_engine import AlibiEngine
from pipelines.errors import ConfigError, ServiceFailed

TABLE = pa.table({"usage": [0.1, 0.2]})


def test_a_process_that_fails_says_why_and_what_else_to_do(tmp_path: Path) -> None:
    """The last line of its error, and the setting that does without it."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'ImportError: no alibi' >&2\nexit 3\n")
    python.chmod(0o755)

    with pytest.raises(ServiceFailed, match="exit code 3: ImportError: no alibi") as caught:
        AlibiEngine(python).p_values(TABLE, TABLE, ())
    assert 'engine = "scipy"' in caught.value.next_step


def test_the_process_is_given_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords of ours are not in its environment."""
    monkeypatch.setenv("CHURN_SMTP_URL", "smtp://user:hunter2@mail")
    python, seen = tmp_path / "python", tmp_path / "seen"
    python.write_text(f"#!/bin/sh\nenv > {seen}\nexit 3\n")
    python.chmod(0o755)

    with pytest.raises(ServiceFailed):
        AlibiEngine(python).p_values(TABLE, TABLE, ())
    assert "TRANSFORMERS_OFFLINE=1" in seen.read_text()
    assert "hunter2" not in seen.read_text()


def test_auto_takes_alibi_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment decides for auto, and its absence refuses alibi but not scipy."""
    monkeypatch.delenv("CHURN_ALIBI_PYTHON", raising=False)
    assert "scipy" == engines.choose("auto", tmp_path).name
    with pytest.raises(ConfigError, match="not there"):
        engines.choose("alibi", tmp_path)

    python = tmp_path / ".venv-alibi" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert "alibi" == engines.choose("auto", tmp_path).name
    assert "scipy" == engines.choose("scipy", tmp_path).name
