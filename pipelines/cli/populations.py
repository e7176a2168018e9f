"""Commands for somebody's own customers: new, and try, which does everything."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli import output
from pipelines.cli.options import AsOf, Sources, as_date, not_after_today, today
from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.events.event_features import event_features
from pipelines.domain.scaffolds.events.event_log import EventLog
from pipelines.domain.scaffolds.logs import LogPopulation
from pipelines.wiring import data, populations
from pipelines.wiring.installation import Installation, installation

if TYPE_CHECKING:
    from pipelines.domain.inspection.report import Inspection
    from pipelines.wiring.populations import Proposal

MOST_ROWS = 1_000_000

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
Time = Annotated[
    str | None,
    typer.Option(metavar="COL", help="When a row of a log happened.", show_default="found"),
]
Gone = Annotated[
    list[str] | None,
    typer.Option(
        "--gone",
        metavar="RULE",
        help="Leaving in a log: 'no events in 90d', 'COL=VALUE in 60d', or both.",
    ),
]
Eligible = Annotated[
    str | None,
    typer.Option(
        metavar="RULE",
        help="Who is scored of a log: 'events in 90d'.",
        show_default="who has not left by --gone",
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
    app.command("try", no_args_is_help=True)(try_it)


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call these customers.")],
    sources: Sources,
    as_of: AsOf,
    key: Key = None,
    label: Label = None,
    gone: Gone = None,
    time: Time = None,
    eligible: Eligible = None,
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
        time=time,
        gone=tuple(gone or ()),
        eligible=eligible,
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


def try_it(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="As of `churn new`; one table.")],
    as_of: Annotated[
        date | None,
        typer.Option(
            "--as-of",
            parser=as_date,
            callback=not_after_today,
            metavar="DATE",
            help="The day to score at.",
            show_default="today, UTC; of a log that ended long ago, its last day",
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What to call these customers.", show_default="its own"),
    ] = None,
    key: Key = None,
    label: Label = None,
    gone: Gone = None,
    time: Time = None,
    eligible: Eligible = None,
    drop: Drop = None,
    accept: Accept = None,
    is_agreed: Yes = False,
) -> None:
    """
    See your own customers scored: look, new, import, train, score and publish, in one command.

    Without a column that says whose a row is, rows are numbered.
    """
    found = installation("try")
    data.migrate(found)
    with output.stage("1/6 look"):
        inspection = data.inspect(
            found, [source], as_of=as_of or today(), label=label, most_rows=MOST_ROWS
        )
    for note in inspection.to_dict()["tables"][0]["notes"]:
        output.item(note)
    answers = Answers(
        name=name or populations.name_of(inspection),
        key=key,
        time=time,
        gone=tuple(gone or ()),
        eligible=eligible,
        is_numbered=True,
        drops=tuple(drop or ()),
        accepts=dict(map(_accepted, accept or ())),
    )
    proposal = populations.propose(found, answers, inspection, is_written=False)
    show(proposal, found)
    if not is_agreed and not (sys.stdin.isatty() and typer.confirm("Go on?")):
        output.stdout.print("nothing was written; --yes goes on")
        return
    with output.stage("2/6 write"):
        proposal = populations.propose(found, answers, inspection, is_written=True)
    day = as_of or populations.day_to_score(proposal.population, today())
    populations.score_first(answers.name, day, today(), output.stage, output.stdout.print)
    _show_list(answers.name, day, found)


def _show_list(name: str, day: date, found: Installation) -> None:
    """Print the first list, and what to do next."""
    for title, report in ((f"{name} at {day}", "tier_summary"), ("The ten riskiest", "riskiest")):
        answer = data.report(found, report)
        output.title(title)
        # Of every population, which is its first column.
        output.table(answer.columns[1:], [row[1:] for row in answer.rows if row[0] == name])
    output.title("Next")
    output.item("the whole list: churn sql 'table churn.scores_current'")
    output.item(f"read and change what is yours: {found.settings.project}/models/{name}")
    output.item(f"newer records: churn import {name} SOURCE; every night: churn up")


def show(proposal: "Proposal", found: Installation) -> None:
    """Say what a population is made of, and what becomes of each file."""
    population = proposal.population
    table = population.table
    headers = {column.name: column.header for column in table.columns}
    key = headers.get("customer_id", "nothing says it; rows are numbered")
    if isinstance(population, LogPopulation):
        log = population.log
        output.title(f"{table.population}, a log: {table.origin}")
        output.item(f"whose a row is: {key}; when it happened: {headers[log.happened_at]}")
        output.item(f"who left: {' or '.join(_left(log, headers))} in {log.horizon_days} days")
        output.item(f"who is scored: with a row in the last {log.eligible_days} days")
        output.item(
            f"training: {population.snapshots} days, {population.snapshot_every_days} apart"
        )
        output.item(f"{len(event_features(log))} features")
    else:
        output.title(f"{table.population}, one row a customer: {table.origin}")
        output.item(f"whose a row is: {key}")
        label = headers.get(table.label or "", "")
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


def _left(log: EventLog, headers: Mapping[str, str]) -> list[str]:
    """Return what counts as leaving, in words."""
    silence = ["no row"] if log.label.definition != "kind" else []
    event = [f"{headers[log.label.column]} is {log.label.level!r}"] if log.label.column else []

    return [*silence, *event]


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
    if answers.gone:
        return inspection, answers
    key = answers.key or typer.prompt("Whose is a row? --key", default=table.key or "")
    if label is None:
        guess = f"{table.label.column}={table.label.value}" if table.label else ""
        label = typer.prompt("Who has left? --label COLUMN=VALUE", default=guess) or None
        if label != guess:
            inspection = data.inspect(found, sources, as_of=as_of, label=label, most_rows=MOST_ROWS)

    return inspection, replace(answers, key=key or None)
