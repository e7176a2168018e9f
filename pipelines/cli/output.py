"""What the command line shows: events as they happen, tables, and failures."""

import contextlib
import csv
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipelines.domain.cells import spreadsheet_cell, visible
from pipelines.errors import ChurnError

WIDTH = None if sys.stdout.isatty() else 240  # a pipe has no edge to fold at

stdout = Console(highlight=False, soft_wrap=True, width=WIDTH)
stderr = Console(stderr=True, highlight=False, soft_wrap=True)


def configure_logging() -> None:
    """Write events with their fields to standard error, one a line."""
    import structlog  # noqa: PLC0415  `--help` logs nothing

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


def title(text: str) -> None:
    """Print what comes next."""
    stdout.print(Text(visible(text), style="bold"))


def item(text: str, *, depth: int = 0) -> None:
    """Print one of a list, further in by *depth*."""
    stdout.print(Text(f"{'  ' * depth}- {visible(text)}"))


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows as a table, numbers to the right."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        is_number = bool(rows) and isinstance(rows[0][index], int | float)
        shown.add_column(
            Text(visible(column)), justify="right" if is_number else "left", overflow="fold"
        )
    for row in rows:
        shown.add_row(*(Text(_text(value)) for value in row))
    stdout.print(shown)


def comma_separated(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows as CSV, NULL as nothing, and no text as a formula."""
    writer = csv.writer(sys.stdout)
    for row in (columns, *rows):
        writer.writerow([spreadsheet_cell(value) for value in row])


def fail(error: ChurnError) -> None:
    """Say what is wrong, who owns it and what to do next."""
    message, next_step = (visible(text, kept="\n") for text in (error.message, error.next_step))
    stderr.print(f"error: {message}", style="red", markup=False)
    stderr.print(f"next:  {next_step}  (owner: {error.owner})", markup=False)


def warn(message: str, *, next_step: str) -> None:
    """Say what is not as it should be, though the command did its work."""
    stderr.print(f"warning: {visible(message)}", style="yellow", markup=False)
    stderr.print(f"next:  {visible(next_step)}", markup=False)


def say_stopped() -> None:
    """Say that SIGTERM ended the command, and what became of its work."""
    stderr.print("stopped: by SIGTERM; what it was writing is rolled back", style="red")
    stderr.print("next:  run the same command again", markup=False)


def _text(value: Any) -> str:  # noqa: ANN401  whatever a column holds
    """Return a cell as people read it."""
    if value is None:
        return "∅"
    if isinstance(value, float):
        return f"{value:.4f}"

    return visible(str(value), kept="\n")
