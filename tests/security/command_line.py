"""The command line asked in this process, and what has to hold whatever it was asked."""

import contextlib
import io
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest import mock

import structlog
from typer.main import get_command

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.cli.command import app, main
from pipelines.errors import ChurnError

# Part of every address below. It is in no example, so where it is printed, it was given away.
CANARY: Final = "canary4711"
ADDRESSES = {
    "CHURN_SMTP_URL": f"smtp://mailer:{CANARY}@127.0.0.1:1",
    "CHURN_SLACK_WEBHOOK_URL": f"http://127.0.0.1:1/services/{CANARY}",
}
NOWHERE = f"postgresql://nobody:{CANARY}@127.0.0.1:1/churn"

CODES = {0, 2} | {kind.exit_code for kind in ChurnError.__subclasses__()}


@dataclass(frozen=True)
class Answer:
    """How one command ended: its exit code, and all it said."""

    code: int
    said: str


@contextlib.contextmanager
def process_wide() -> Iterator[None]:
    """Give back what a command, which is the whole process, sets for the rest of its life."""
    handler, mask = signal.getsignal(signal.SIGTERM), os.umask(0o022)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, handler)
        os.umask(mask)
        structlog.reset_defaults()


def ask(*words: str, home: Path, url: str, **environ: str) -> Answer:
    """
    Run `churn WORDS` and assert what holds for every command, whatever the words.

    The exit code is one that is documented, a refusal names what to do next, and no secret is
    printed. What escapes would be a traceback, and fails the test as one.
    """
    # As Python opens them on a UTF-8 terminal: what cannot be encoded breaks the first alone.
    out = io.TextIOWrapper(io.BytesIO(), "utf-8", errors="strict", write_through=True)
    err = io.TextIOWrapper(io.BytesIO(), "utf-8", errors="backslashreplace", write_through=True)
    code = 0
    variables = {**ADDRESSES, "CHURN_HOME": str(home), "CHURN_DATABASE_URL": url, **environ}
    with (
        process_wide(),
        mock.patch.dict(os.environ, variables),
        mock.patch.object(sys, "argv", ["churn", *words]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        os.environ.pop("CHURN_MLFLOW_URI", None)
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    printed = [stream.buffer.getvalue().decode() for stream in (out, err)]
    answer = Answer(code, "".join(printed))

    assert answer.code in CODES, answer
    assert CANARY not in answer.said, answer
    assert "Traceback" not in answer.said, answer
    if answer.code == 2:
        # Without any words it is the help that is shown.
        assert "Error: " in answer.said or answer.said.startswith("Usage: "), answer
    elif answer.code:
        assert "\nnext: " in answer.said, answer

    return answer


def rows(warehouse: Warehouse) -> dict[str, int]:
    """Return the rows of each table, but of the names of locks, which a command leaves there."""
    names = warehouse.rows(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables "
        "where schemaname in ('raw', 'churn', 'public', 'analytics') and tablename <> 'locks'"
    )
    assert len(names) > 15
    counted = " union all ".join(
        f"select '{row.name}' as name, count(*) as rows from {row.name}" for row in names
    )

    return {row.name: row.rows for row in warehouse.rows(counted)}


def commands() -> dict[str, list[str]]:
    """Return every command there is, with its options as they are typed."""
    group: Any = get_command(app)

    return {
        name: [word for item in command.params for word in item.opts if word.startswith("-")]
        for name, command in group.commands.items()
    }
