"""Commands about the past: runs, rollback-scores, prune, erase, audit."""

import json
import re
import sys
from typing import Annotated

import typer

from pipelines.cli import output
from pipelines.cli.options import AsOf, PopulationName
from pipelines.wiring import history
from pipelines.wiring.installation import migrated

DEFAULT = "subscribers"
MOST_DAYS = 36_600  # a century


def register(app: typer.Typer) -> None:
    """Add the commands of this module to *app*."""
    app.command()(runs)
    app.command("rollback-scores")(rollback_scores)
    app.command()(prune)
    app.command()(erase)
    app.command()(audit)


def as_days(text: str | int) -> int:
    """Read a number of days like 400d."""
    found = re.fullmatch(r"([0-9]{1,5})d", str(text))
    if found is None or not 1 <= int(found[1]) <= MOST_DAYS:
        raise typer.BadParameter(f"{text!r} is not a number of days like 400d, to {MOST_DAYS}d")

    return int(found[1])


def runs(population: PopulationName = DEFAULT) -> None:
    """List the score runs."""
    columns = ("run_id", "as_of", "status", "model_version", "rows", "scores_hash", "reason")
    rows = [
        (
            item.run_id,
            item.as_of,
            item.status,
            item.model_version,
            item.rows,
            (item.scores_hash or "")[:12],
            item.reason,
        )
        for item in migrated("runs").scores.runs(population)
    ]
    output.table(columns, rows)


def rollback_scores(as_of: AsOf, population: PopulationName = DEFAULT) -> None:
    """Return to the earlier list of a date. The current one is superseded."""
    shown = history.rollback_scores(migrated("rollback-scores"), population, as_of)
    output.stdout.print(f"run {shown} is the list of {population} at {as_of}")


def prune(
    as_of: AsOf,
    keep_days: Annotated[
        int | None,
        typer.Option(
            "--keep",
            parser=as_days,
            metavar="DAYS",
            help="For scores, and pages of gates and nights; such as 400d.",
            show_default="[retention] of churn.toml",
        ),
    ] = None,
) -> None:
    """
    Delete what is older than [retention] of churn.toml: lists, and what nights and imports left.

    The last published list of a population always stays.
    """
    removed = history.prune(migrated("prune"), as_of, keep_days)
    rows = [(item.kind, item.before, item.removed) for item in removed]
    output.table(("what", "from before", "removed"), rows)


def erase(
    customer: Annotated[
        str, typer.Option("--customer", metavar="ID", help="As the raw tables have it.")
    ],
    is_sure: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove every row of one customer, for good; later loads and builds leave them out."""
    if not is_sure:
        if not sys.stdin.isatty():
            raise typer.BadParameter("it cannot be undone, and nobody is there to ask: say --yes")
        if not typer.confirm("Remove every row of this customer, for good?"):
            output.stdout.print("nothing was removed")
            return
    erased = history.erase(migrated("erase"), customer)
    output.table(["table", "rows removed"], sorted(erased.rows.items()))
    output.stdout.print(str(erased), markup=False)


def audit() -> None:
    """List what was done to the past, and verify that nobody has rewritten the list since."""
    trail = history.audit(migrated("audit"))
    columns = ("entry", "happened at", "actor", "command", "subject", "details", "sha256")
    rows = [
        (
            item.audit_id,
            f"{item.happened_at:%Y-%m-%d %H:%M:%S %Z}",
            item.actor,
            item.command,
            item.subject,
            json.dumps(item.details),
            item.sha256[:12] if item.is_intact else "not intact",
        )
        for item in trail.entries
    ]
    output.table(columns, rows)
    trail.refuse_broken()
    output.stdout.print(f"entries: {len(rows)}, each as it was written; the last: {trail.sha256}")
