"""Commands for somebody's own customers: new, and try, which does everything."""

import sys
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli import output
from pipelines.cli.options import AsOf, Sources, as_date, not_after_today, today
from pipelines.cli.proposals import ask, reasoned, show
from pipelines.domain.scaffolds.answers import Answers, header_of
from pipelines.errors import ConfigError
from pipelines.wiring import data, pages, populations
from pipelines.wiring.installation import Installation, installation

if TYPE_CHECKING:
    from pipelines.domain.inspection.report import Inspection

MOST_ROWS = 1_000_000

Key = Annotated[
    str | None,
    typer.Option(metavar="COL", help="Whose a row is.", show_default="found by its values"),
]
Label = Annotated[
    str | None,
    typer.Option(
        metavar="COL[=VALUE]",
        help="Who left; without VALUE yes, or the rarer of two.",
        show_default="found by its name",
    ),
]
Time = Annotated[
    list[str] | None,
    typer.Option(
        "--time",
        metavar="COL",
        help="When a row of a log happened. Repeat it, as TABLE.COL, for more tables.",
        show_default="found",
    ),
]
Known = Annotated[
    list[str] | None,
    typer.Option(
        "--known",
        metavar="COL",
        help="When a row of a log was known, if later. Repeat it, as TABLE.COL, for more tables.",
        show_default="when it happened",
    ),
]
Gone = Annotated[
    list[str] | None,
    typer.Option(
        "--gone",
        metavar="RULE",
        help="Leaving in a log: 'no TABLE in 90d', 'COL=VALUE in 60d', 'TABLE in 60d', or two.",
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
Features = Annotated[
    bool,
    typer.Option(
        "--features",
        help="SOURCE is a feature table of this warehouse, a row a customer and date (--time): "
        "use it where it stands. Who left: --label 'COL=VALUE in 30d', or --gone.",
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
    known: Known = None,
    eligible: Eligible = None,
    drop: Drop = None,
    accept: Accept = None,
    has_features: Features = False,
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
    inspection = data.inspect(
        found,
        sources,
        as_of=as_of,
        label=header_of(label) if has_features else label,
        most_rows=MOST_ROWS,
    )
    answers = Answers(
        name=name,
        key=key,
        label=label,
        times=tuple(time or ()),
        knowns=tuple(known or ()),
        gone=tuple(gone or ()),
        eligible=eligible,
        drops=tuple(drop or ()),
        accepts=dict(map(as_accepted, accept or ())),
        has_features=has_features,
    )
    if is_asking and not has_features:

        def look(told: str | None) -> "Inspection":
            return data.inspect(found, sources, as_of=as_of, label=told, most_rows=MOST_ROWS)

        inspection, answers, proposal = ask(found, inspection, answers, look)
    else:
        proposal = populations.propose(found, answers, inspection, is_written=is_agreed)
    show(proposal, found)
    if is_asking and typer.confirm("Write this?"):
        populations.propose(found, answers, inspection, is_written=True)
        is_agreed = True
    if is_agreed:
        step = f"backfill --population {name}" if has_features else f"import {name}"
        output.stdout.print(f"next: churn {step}", markup=False)
    else:
        output.stdout.print("nothing was written; --yes writes it")


def try_it(
    sources: Sources,
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
    known: Known = None,
    eligible: Eligible = None,
    drop: Drop = None,
    accept: Accept = None,
    has_features: Features = False,
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
            found,
            sources,
            as_of=as_of or today(),
            label=header_of(label) if has_features else label,
            most_rows=MOST_ROWS,
        )
    for table in inspection.to_dict()["tables"]:
        for note in table["notes"]:
            output.item(f"{table['name']}: {note}" if len(inspection.tables) > 1 else note)
    answers = Answers(
        name=name or populations.name_of(inspection, sources),
        key=key,
        label=label,
        times=tuple(time or ()),
        knowns=tuple(known or ()),
        gone=tuple(gone or ()),
        eligible=eligible,
        is_numbered=True,
        drops=tuple(drop or ()),
        accepts=dict(map(as_accepted, accept or ())),
        has_features=has_features,
    )
    proposal = populations.propose(found, answers, inspection, is_written=False)
    show(proposal, found)
    if not is_agreed and not (sys.stdin.isatty() and typer.confirm("Go on?")):
        output.stdout.print("nothing was written; --yes goes on")
        return
    with output.stage("2/6 write"):
        proposal = populations.propose(found, answers, inspection, is_written=True)
        seen = populations.save_inspection(found, answers.name, inspection)
    day = as_of or populations.day_to_score(proposal.population, today())
    populations.score_first(
        answers.name,
        day,
        today(),
        output.stage,
        output.stdout.print,
        loaded_as_of=as_of or populations.day_to_load(proposal.population, day, today()),
    )
    _show_list(answers.name, day, found)
    output.item(f"what its source holds, and how good that is: {seen}")


def _show_list(name: str, day: date, found: Installation) -> None:
    """Print the first list, and what to do next."""
    for title, report in ((f"{name} at {day}", "tier_summary"), ("The ten riskiest", "riskiest")):
        answer = data.report(found, report)
        output.title(title)
        # Of every population, which is its first column.
        output.table(answer.columns[1:], [row[1:] for row in answer.rows if row[0] == name])
    output.title("Next")
    output.item("the whole list: churn sql 'table churn.scores_current'")
    output.item(f"the page of the night: {pages.drawing(found, name, day)}")
    output.item(f"what it is made of, yours to change: {found.settings.project}/{name}.md")
    if not installation("try").settings.populations[name].nightly:
        output.item(f"when its table has rows of a new day: churn run --population {name}")
        return
    is_loaded = name in data.declared(found)
    newer = f"newer records: churn import {name} SOURCE; " if is_loaded else ""
    output.item(f"{newer}every night: churn up")


def as_accepted(text: str) -> tuple[str, str]:
    """Return a column and the reason why it is accepted, as an option says them."""
    try:
        return reasoned(text)
    except ConfigError:
        raise typer.BadParameter(
            f'--accept takes COLUMN="reason", and {text!r} has no reason'
        ) from None
