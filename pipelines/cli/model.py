"""Training and promotion of models."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli import output
from pipelines.cli.options import AsOf, PopulationName
from pipelines.wiring import data, model
from pipelines.wiring.installation import installation, migrated

if TYPE_CHECKING:
    from pipelines.domain.features.contract import FeatureContract
    from pipelines.domain.training.promotion import Promotion
    from pipelines.steps.model.preview import PreviewReport

DEFAULT = "subscribers"
MOST_LETTERS = 80
FEATURE_COLUMNS = ("feature", "reads as", "kind", "unit", "family", "theme", "missing", "drift")


def register(app: typer.Typer) -> None:
    """Add the commands of this module to *app*."""
    app.command()(train)
    app.command()(promote)
    app.command()(models)
    app.command("rollback-model")(rollback_model)
    app.command()(contract)


def as_name(text: str | None) -> str | None:
    """Return a person's name, one line of at most 80 characters."""
    if text is not None and not (text.strip() and text.isprintable() and len(text) <= MOST_LETTERS):
        raise typer.BadParameter(f"a name of 1 to {MOST_LETTERS} characters is needed")

    return text and text.strip()


def feature_rows(contract: "FeatureContract") -> list[tuple[str, ...]]:
    """Return what FEATURE_COLUMNS say of each feature, in the order of the contract."""
    return [
        (
            feature.name,
            feature.title,
            feature.kind,
            feature.unit,
            feature.family,
            feature.theme,
            "may be" if feature.nullable else "never",
            "watched" if feature.watch_drift else "not watched",
        )
        for feature in contract.features
    ]


def train(
    as_of: AsOf,
    population: PopulationName = DEFAULT,
    is_ablated: Annotated[
        bool,
        typer.Option(
            "--ablation", help="Say too what each family of features adds and costs; takes longer."
        ),
    ] = False,
) -> None:
    """Train on matured labels and register the result. The first model becomes champion."""
    with output.stage(f"training {population} at {as_of}"):
        trained = model.train(migrated("train"), population, as_of, is_ablated=is_ablated)
    if trained.worth:
        output.table(
            ("features", "how many", "AUC lost without them", "so they", "time saved"),
            [
                (each.family, each.features, each.told, each.verdict, each.cost_told)
                for each in trained.worth
            ],
        )
    output.stdout.print(str(trained), markup=False)


def promote(
    as_of: AsOf,
    population: PopulationName = DEFAULT,
    approved_by: Annotated[
        str | None,
        typer.Option(
            callback=as_name,
            metavar="NAME",
            help="Who takes a challenger that waits for a person.",
        ),
    ] = None,
    rejected_by: Annotated[
        str | None,
        typer.Option(callback=as_name, metavar="NAME", help="Who does not want the challenger."),
    ] = None,
    is_preview: Annotated[
        bool,
        typer.Option("--preview", help="Say what it would change of that night's list, and stop."),
    ] = False,
) -> None:
    """Make the challenger champion if it is better. Both are judged on the same later rows."""
    if sum(map(bool, (approved_by, rejected_by, is_preview))) > 1:
        raise typer.BadParameter("one of --approved-by, --rejected-by and --preview is possible")
    if rejected_by is not None:
        done = model.reject(migrated("promote"), population, as_of, rejected_by)
    elif is_preview:
        _show_preview(population, model.preview(migrated("promote"), population, as_of))
        return
    else:
        done = model.promote(migrated("promote"), population, as_of, approved_by)
    output.stdout.print(str(done), markup=False)


def _show_preview(population: str, found: "PreviewReport | None") -> None:
    """Print what a promotion would change."""
    if found is None:
        output.stdout.print(f"{population}: no challenger", markup=False)
        return
    told = found.preview
    output.table(
        (f"{found.champion.version} to {found.challenger.version}, tier", *told.tiers),
        [
            (name, *(f"{count:,}" for count in row))
            for name, row in zip(told.tiers, told.moves, strict=True)
        ],
    )
    for pct, share in told.overlap.items():
        output.item(f"{share:.0%} of the riskiest {pct:g} % are the same customers")
    before, after = told.means
    output.item(f"mean churn probability {before:.4f}, then {after:.4f}")
    output.stdout.print(
        f"{population} {found.as_of}: {told.changed:,} of {told.customers:,} customers would "
        "change tier; nothing was changed",
        markup=False,
    )


def models(population: PopulationName = DEFAULT) -> None:
    """List the decisions about champions: which version, against which, by whom and why."""
    decisions, named = model.decisions(migrated("models"), population)
    rows = [
        (
            item.as_of,
            item.challenger_version,
            item.champion_version,
            _became(item),
            item.decided_by,
            item.reason,
        )
        for item in decisions
    ]
    output.table(("as_of", "version", "against", "became", "by", "reason"), rows)
    champions = [item.challenger_version for item in decisions if item.is_promoted]
    if champions:
        output.stdout.print(f"champion: version {champions[-1]}")
    if (named.version if named else None) != (champions[-1] if champions else None):
        output.stdout.print(f"MLflow's alias differs: {named or 'none'}", style="red")


def _became(item: "Promotion") -> str:
    """Return what a decision made of its version, in a word or two."""
    if item.rejected_by is not None:
        return "rejected"
    if item.is_waiting:
        return "waiting"

    return "champion" if item.is_promoted else "not promoted"


def rollback_model(as_of: AsOf, population: PopulationName = DEFAULT) -> None:
    """Return to the champion before the current one. It scores from the next night on."""
    done = model.rollback_model(migrated("rollback-model"), population, as_of)
    output.stdout.print(str(done), markup=False)


def contract(
    population: PopulationName = DEFAULT,
    is_markdown: Annotated[bool, typer.Option("--markdown", help="Print a page.")] = False,
) -> None:
    """List the features of a population, as dbt declares them, and what no model sees."""
    declared = data.contract(installation("contract"), population)
    rows = feature_rows(declared)
    unseen = ", ".join(attribute.name for attribute in declared.attributes)
    if not is_markdown:
        output.table(FEATURE_COLUMNS, rows)
        output.stderr.print(f"({len(rows)} features, contract {declared.fingerprint})")
        if unseen:
            output.stderr.print(f"no model sees: {unseen}", markup=False)
        return

    print(f"# The {len(rows)} features of `{declared.table}`\n")
    print(f"Made by `churn contract --population {population} --markdown`; edit the dbt YAML.\n")
    print("| " + " | ".join(FEATURE_COLUMNS) + " |")
    print("|" + "---|" * len(FEATURE_COLUMNS))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    if unseen:
        print(f"\nNo model sees: {unseen}.")
