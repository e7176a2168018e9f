"""The night: one command per task, and `run` for all of them."""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from pipelines.cli import output
from pipelines.cli.options import (
    AsOf,
    PopulationName,
    as_date,
    as_population,
    not_after_today,
    today,
)
from pipelines.wiring import data, evidence, pages
from pipelines.wiring import night as tasks
from pipelines.wiring.installation import migrated

DEFAULT = "subscribers"
MOST_DATES = 3_660  # ten years; dbt takes them as one argument, and that has 128 KB


class Gate(StrEnum):
    """What a gate stands in front of."""

    SOURCES = "sources"
    FEATURES = "features"
    SCORES = "scores"


def register(app: typer.Typer) -> None:
    """Add the commands of this module to *app*."""
    for command in (
        pull,
        features,
        backfill,
        gate,
        score,
        publish,
        outcomes,
        drift,
        notify,
        report,
    ):
        app.command()(command)
    app.command()(watch)
    app.command("run")(run)


def pull(as_of: AsOf, population: PopulationName = DEFAULT) -> None:
    """Load what is new in the declared sources of a population, on the day itself."""
    pulled = tasks.pull(migrated("pull"), population, as_of, today())
    for table in pulled:
        output.stdout.print(str(table), markup=False)
    if not pulled:
        output.stdout.print(f"nothing is pulled for {population} at {as_of}")


def features(as_of: AsOf, population: PopulationName = DEFAULT) -> None:
    """Build one date's features, and the labels that fell due."""
    tasks.features(migrated("features"), population, as_of)


def backfill(
    as_of: AsOf,
    first: Annotated[
        date | None,
        typer.Option("--from", parser=as_date, metavar="DATE", help="The first date."),
    ] = None,
    last: Annotated[
        date | None, typer.Option("--to", parser=as_date, metavar="DATE", help="The last date.")
    ] = None,
    every_days: Annotated[int, typer.Option("--every", min=1, help="Days between dates.")] = 1,
    population: PopulationName = DEFAULT,
) -> None:
    """
    Build the features of many past dates, in one go. Labels are those known at --as-of.

    Without dates: those a training at --as-of uses, if they are not there or the features changed.
    """
    if first is None and last is None:
        with output.stage(f"snapshots to train on at {as_of}"):
            made = data.build_training_snapshots(migrated("backfill"), population, as_of)
        if made is None:
            output.stdout.print("each is there, built as the features are declared now")
        else:
            output.table(["as_of", "customers"], sorted(made.rows.items()))
        return
    if first is None or last is None:
        raise typer.BadParameter("--from and --to go together; without both, snapshots to train on")
    count = (last - first).days // every_days + 1
    if count < 1:
        raise typer.BadParameter(f"--from {first} is after --to {last}")
    if count > MOST_DATES:
        raise typer.BadParameter(
            f"--from {first} --to {last} are {count} dates, and {MOST_DATES} fit in one go; "
            "give a larger --every, or a part of them at a time"
        )
    dates = [first + timedelta(days=every_days * step) for step in range(count)]
    with output.stage(f"features of {len(dates)} dates"):
        built = data.build_features(migrated("backfill"), population, dates, as_of)
    output.table(["as_of", "customers"], sorted(built.rows.items()))


def gate(
    which: Annotated[Gate, typer.Argument(help="What is checked.")],
    as_of: AsOf,
    population: PopulationName = DEFAULT,
) -> None:
    """Refuse a batch that is not fit to use."""
    checked = tasks.gate(migrated("gate"), which.value, population, as_of)
    output.stdout.print(
        f"{checked.gate} of {population} at {as_of}: {len(checked.results)} checks passed, "
        f"{len(checked.warnings)} with a warning; pages: {checked.docs}",
        markup=False,
    )


def score(as_of: AsOf, population: PopulationName = DEFAULT) -> None:
    """Score everyone with the champion, where nobody looks yet."""
    staged = tasks.score(migrated("score"), population, as_of)
    output.stdout.print(
        f"run {staged.run_id}: {staged.rows} customers of {population} scored at {as_of} "
        f"by {staged.model_name} version {staged.model_version}"
    )


def publish(as_of: AsOf, population: PopulationName = DEFAULT) -> None:
    """Make the staged list the one people see."""
    shown = tasks.publish(migrated("publish"), population, as_of)
    output.stdout.print(f"run {shown.run_id} is the list of {population} at {as_of}")


def outcomes(as_of: AsOf, population: PopulationName = DEFAULT) -> None:
    """Compare matured lists with what happened."""
    found = migrated("outcomes")
    for measured in evidence.outcomes(found, population, as_of):
        output.stdout.print(measured.summary, markup=False)
    for trial, result in evidence.judge_trials(found, population, as_of):
        pair = f"{trial.mode} of {trial.champion_version} and {trial.challenger_version}"
        output.stdout.print(f"{pair}: {result.summary}", markup=False)


def drift(as_of: AsOf, population: PopulationName = DEFAULT) -> None:
    """
    Compare tonight with the training data, and decide what follows from all that is known.

    The last line says whether to train again.
    """
    found = migrated("drift")
    verdict = evidence.drift(found, population, as_of)
    decided = evidence.govern(found, population, as_of)
    output.stdout.print(f"{population} {as_of}: {verdict.verdict}: {verdict.reason}", markup=False)
    output.stdout.print(f"{decided.action}: {decided.reason}", markup=False)
    print("training requested" if decided.action == "retrain" else "no training requested")


def notify(as_of: AsOf, population: PopulationName = DEFAULT) -> None:
    """Send the alerts that were not sent, on every channel that is configured."""
    output.stdout.print(tasks.notify(migrated("notify"), population, as_of))


def report(as_of: AsOf, population: PopulationName = DEFAULT) -> None:
    """Write the night on one page, as text and HTML. The last line is the newest page's address."""
    found = migrated("report")
    output.stdout.print(tasks.report(found, population, as_of), markup=False)
    print(pages.newest(found, population))


def watch(
    as_of: Annotated[
        date | None,
        typer.Option(
            "--as-of",
            parser=as_date,
            callback=not_after_today,
            metavar="DATE",
            help="The date whose list is due.",
            show_default="the latest whose deadline has passed",
        ),
    ] = None,
    population: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only this one.", show_default="all with a deadline"),
    ] = None,
) -> None:
    """Tell people when a list is not there by the deadline of churn.toml, and when it is."""
    found = migrated("watch")
    with_deadline = [name for name, its in found.settings.populations.items() if its.deadline]
    watched = with_deadline if population is None else [as_population(population)]
    for sentence in tasks.watch(found, watched, as_of, datetime.now(UTC)):
        output.stdout.print(sentence, markup=False)
    if not watched:
        output.stdout.print("no population of churn.toml has a deadline, so nothing is watched")


def run(
    as_of: AsOf,
    until: Annotated[
        date | None,
        typer.Option(
            "--until",
            parser=as_date,
            callback=not_after_today,
            metavar="DATE",
            help="Every date to this one.",
        ),
    ] = None,
    population: PopulationName = DEFAULT,
) -> None:
    """Do the whole night without Airflow. With --until, every night up to it."""
    if until is not None and until < as_of:
        raise typer.BadParameter(f"--until {until} is before --as-of {as_of}")
    found = migrated("run")
    for step in range(((until or as_of) - as_of).days + 1):
        night = as_of + timedelta(days=step)
        with output.stage(f"{population} {night}"):
            shown = tasks.run_night(found, population, night, today(), output.stage)
        output.stdout.print(f"run {shown.run_id} is the list of {population} at {night}")
