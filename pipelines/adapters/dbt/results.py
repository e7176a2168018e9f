"""What dbt says it did: its run results, and the errors among the lines it prints."""

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.adapters.warehouse.quoted_values import without_values
from pipelines.domain.addresses import without_login
from pipelines.domain.features.compiled import Built
from pipelines.domain.features.contract import FeatureContract
from pipelines.errors import DbtFailed

FAILED = frozenset({"error", "fail", "runtime error"})
MESSAGE_LENGTH = 400
# Lines of the log that may quote a value; few are read and written as JSON.
MAY_QUOTE = re.compile(r"(?:DETAIL|CONTEXT):|(?:: |value |zone )\\?\"|\" is out of range")


@dataclass(frozen=True, slots=True)
class Node:
    """
    What became of one model or test.

    Attributes:
        name: Its name, without package and version.
        status: dbt's word: success, pass, warn, error, fail, skipped.
        seconds: Wall time.
        rows: Rows written, or for a test failing rows; None where dbt does not say.
        message: dbt's message on one line, its middle left out where it is long.
    """

    name: str
    status: str
    seconds: float
    rows: int | None
    message: str

    @property
    def is_failed(self) -> bool:
        """Whether this node is a reason to stop."""
        return self.status in FAILED


@dataclass(frozen=True, slots=True)
class BuildReport(Built):
    """
    What one call of dbt did.

    Attributes:
        nodes: Models and tests, in the order they ended.
        contracts: Contract by name of the models that declare features, whether built now or not.
    """

    nodes: tuple[Node, ...]
    contracts: Mapping[str, FeatureContract]


def nodes(path: Path) -> tuple[Node, ...]:
    """Read run_results.json; no nodes where dbt did not get that far."""
    if not path.exists():
        return ()

    return tuple(_node(result) for result in json.loads(path.read_text("utf-8"))["results"])


def errors(stdout: str) -> list[str]:
    """Return the messages of level error among dbt's JSON lines."""
    entries = [json.loads(line)["info"] for line in stdout.splitlines() if line.startswith("{")]

    return [shorten(entry["msg"]) for entry in entries if entry["level"] == "error"]


def failure(
    nodes: Sequence[Node], done: subprocess.CompletedProcess[str], url: str, log_file: Path
) -> DbtFailed:
    """Name what failed, without the password of *url*, and the log that says more."""
    failed = [node for node in nodes if node.is_failed]
    if failed:
        faults = "; ".join(f"{node.name}: {node.message}" for node in failed)
        message = f"dbt failed on {len(failed)} of {len(nodes)} nodes: {faults}"
    else:
        told = errors(done.stdout) or [shorten(done.stderr)]
        message = f"dbt ended with {done.returncode} and {len(told)} error(s): " + "; ".join(told)

    return DbtFailed(
        without_login(message, url),
        next_step=f"read {log_file}, repair the model or its data, and run it again",
    )


def shorten(message: str) -> str:
    """
    Return *message* on one line, without its middle where it is long.

    Values of rows that PostgreSQL quotes are withheld.
    """
    line = " ".join(without_values(message).split())
    if len(line) <= MESSAGE_LENGTH:
        return line

    return f"{line[: MESSAGE_LENGTH // 2]} … {line[-MESSAGE_LENGTH // 2 :]}"


def withhold(log_file: Path) -> None:
    """Take the values of rows out of what dbt has logged, one JSON object a line."""
    if not log_file.exists():
        return
    text = log_file.read_text("utf-8", "replace")
    told = "".join(map(_told, text.splitlines(keepends=True)))
    if told != text:
        log_file.write_text(told, "utf-8")


def _told(line: str) -> str:
    """Return a line of the log, its JSON written anew where a value is withheld from it."""
    if not MAY_QUOTE.search(line):
        return line
    try:
        entry = json.loads(line)
    except ValueError:
        return without_values(line)
    told = _without_values(entry)

    return line if told == entry else f"{json.dumps(told)}\n"


def _without_values(entry: Any) -> Any:  # noqa: ANN401  whatever JSON holds
    """Return what JSON holds, with no value of a row in any of its texts."""
    if isinstance(entry, str):
        return without_values(entry)
    if isinstance(entry, dict):
        return {key: _without_values(value) for key, value in entry.items()}
    if isinstance(entry, list):
        return [_without_values(value) for value in entry]

    return entry


def _node(result: Mapping[str, Any]) -> Node:
    """Read one result; a unit test is known by its own name, not by its model's."""
    kind, _, *names = result["unique_id"].split(".")
    written = result["adapter_response"].get("rows_affected", -1)

    return Node(
        name=names[1] if kind == "unit_test" else names[0],
        status=result["status"],
        seconds=result["execution_time"],
        rows=result["failures"] if result["failures"] is not None else _count(written),
        message=shorten(result["message"] or ""),
    )


def _count(rows_affected: int) -> int | None:
    """Return a number of rows; psycopg says -1 for statements without."""
    return rows_affected if rows_affected >= 0 else None
