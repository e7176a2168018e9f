"""Commands for somebody's own customers: new."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli import output
from pipelines.cli.options import AsOf
from pipelines.domain.scaffolds.answers import Answers
from pipelines.wiring import data, populations
from pipelines.wiring.installation import Installation, installation

if TYPE_CHECKING:
    from pipelines.domain.inspection.report import Inspection
    from pipelines.wiring.populations import Proposal

MOST_ROWS = 1_000_000

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE…",
        help="csv, parquet, json or xlsx (book.xlsx#Sheet), a folder of them, "
        "a database's URL#table, warehouse#schema.table.",
    ),
]
Key = Annotated[
    str | None,
    typer.Option(metavar="COL", help="Whose a row is.", show_default="found by its values"),
]
Label = Annotated[
    str | None,
    typer.Option(
        metavar="COL[=VALUE]",
        help="Who left; without VALUE the rarer of two.",
        show_default="found by its name",
    ),
]
Drop = Annotated[
    list[str] | None, typer.Option("--drop", metavar="COL", help="Leave a column out. Repeat it.")
]
Accept = Annotated[
    list[str] | None,
    typer.Option(
        "--accept",
        metavar='COL="reason"',
        help="Use a column that may know who left, and say why it does not. Repeat it.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Write without asking.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to *app*."""
    app.command(no_args_is_help=True)(new)


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call these customers.")],
    sources: Sources,
    as_of: AsOf,
    key: Key = None,
    label: Label = None,
    drop: Drop = None,
    accept: Accept = None,
    is_agreed: Yes = False,
    is_dry: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")
    ] = False,
) -> None:
    """
    Make a population of your own customers: settings, dbt models and expectations you own.

    Again, it shows what would change, and keeps what you have edited.
    """
    found = installation("new")
    is_asking = sys.stdin.isatty() and not (is_agreed or is_dry)
    inspection = data.inspect(found, sources, as_of=as_of, label=label, most_rows=MOST_ROWS)
    answers = Answers(
        name=name,
        key=key,
        drops=tuple(drop or ()),
        accepts=dict(map(_accepted, accept or ())),
    )
    if is_asking:
        inspection, answers = _asked(found, inspection, answers, sources, as_of=as_of, label=label)
    proposal = populations.propose(found, answers, inspection, is_written=is_agreed)
    show(proposal, found)
    if is_asking and typer.confirm("Write this?"):
        populations.propose(found, answers, inspection, is_written=True)
        is_agreed = True
    if is_agreed:
        output.stdout.print(f"next: churn import {name}", markup=False)
    else:
        output.stdout.print("nothing was written; --yes writes it")


def show(proposal: "Proposal", found: Installation) -> None:
    """Say what a population is made of, and what becomes of each file."""
    population = proposal.population
    table = population.table
    label = next((c.header for c in table.columns if c.name == table.label), None)
    key = next((c.header for c in table.columns if c.name == "customer_id"), None)
    output.title(f"{table.population}, one row a customer of {table.origin}")
    output.item(f"whose a row is: {key or 'nothing says it; rows are numbered'}")
    output.item(
        f"who left: {label} is {population.gone!r}" if label else "who left: nothing says it"
    )
    output.item(f"{len(population.features)} features")
    for header, reason in table.dropped.items():
        output.item(f"left out: {header}: {reason}")
    output.title(f"in {found.settings.project}")
    output.table(
        ["file", ""], [(change.path, EFFECTS[change.effect]) for change in proposal.changes]
    )
    for change in proposal.changes:
        if change.difference and change.effect != "new":
            output.stdout.print(change.difference, markup=False)


EFFECTS = {
    "new": "new",
    "same": "as it is",
    "renewed": "renewed",
    "extended": "added to",
    "kept": "kept, for you have changed it; below is what would be written",
}


def _accepted(text: str) -> tuple[str, str]:
    """Return a column and the reason why it is accepted."""
    column, mark, reason = text.partition("=")
    if not mark or not reason.strip():
        raise typer.BadParameter(f'--accept takes COLUMN="reason", and {text!r} has no reason')

    return column, reason.strip()


def _asked(
    found: Installation,
    inspection: "Inspection",
    answers: Answers,
    sources: list[str],
    *,
    as_of: "AsOf",
    label: str | None,
) -> "tuple[Inspection, Answers]":
    """Ask what no option has said."""
    table = inspection.tables[0]
    key = answers.key or typer.prompt("Whose is a row? --key", default=table.key or "")
    if label is None:
        guess = f"{table.label.column}={table.label.value}" if table.label else ""
        label = typer.prompt("Who has left? --label COLUMN=VALUE", default=guess) or None
        if label != guess:
            inspection = data.inspect(found, sources, as_of=as_of, label=label, most_rows=MOST_ROWS)

    return inspection, Answers(answers.name, key or None, False, answers.drops, answers.accepts)
