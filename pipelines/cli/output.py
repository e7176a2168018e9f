"""What the command line shows: events as they happen, tables, and failures."""

import contextlib
import csv
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import structlog
from rich.console import Console
from rich.table import Table

from pipelines.errors import ChurnError

WIDTH = None if sys.stdout.isatty() else 240  # a pipe has no edge to fold at

stdout = Console(highlight=False, soft_wrap=True, width=WIDTH)
stderr = Console(stderr=True, highlight=False, soft_wrap=True)


def configure_logging() -> None:
    """Write events with their fields to standard error, one a line."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=True),
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=24),
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


@contextlib.contextmanager
def stage(title: str) -> Iterator[None]:
    """Show that a stage began, and how long it took."""
    started = time.perf_counter()
    stderr.print(f"[bold]{title}[/bold] …")
    yield
    stderr.print(f"[bold]{title}[/bold] done in {time.perf_counter() - started:.1f} s")


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows as a table, numbers to the right."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        is_number = bool(rows) and isinstance(rows[0][index], int | float)
        shown.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(_text(value) for value in row))
    stdout.print(shown)


def comma_separated(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows as CSV, NULL as nothing."""
    writer = csv.writer(sys.stdout)
    writer.writerow(columns)
    writer.writerows(rows)


def fail(error: ChurnError) -> None:
    """Say what is wrong, who owns it and what to do next."""
    stderr.print(f"error: {error.message}", style="red", markup=False)
    stderr.print(f"next:  {error.next_step}  (owner: {error.owner})", markup=False)


def _text(value: Any) -> str:  # noqa: ANN401  whatever a column holds
    """Return a cell as people read it."""
    if value is None:
        return "∅"
    if isinstance(value, float):
        return f"{value:.4f}"

    return str(value).replace("[", r"\[")
