"""Training and promotion of models."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli import output
from pipelines.cli.options import AsOf, PopulationName
from pipelines.cli.populations import Accept, as_accepted
from pipelines.errors import LeakSuspected
from pipelines.wiring import data, model
from pipelines.wiring.installation import installation, migrated

if TYPE_CHECKING:
    from pipelines.domain.features.contract import FeatureContract
    from pipelines.domain.training.promotion import Promotion
    from pipelines.steps.model.benchmark import BenchmarkReport
    from pipelines.steps.model.preview import PreviewReport

DEFAULT = "subscribers"
MOST_LETTERS = 80
FEATURE_COLUMNS = ("feature", "reads as", "kind", "unit", "family", "theme", "missing", "drift")


def register(app: typer.Typer) -> None:
    """Add the commands of this module to *app*."""
    app.command()(train)
    app.command(no_args_is_help=True)(benchmark)
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
        typer.Option("--ablation", help="Say too what each family of features adds; takes longer."),
    ] = False,
) -> None:
    """Train on matured labels and register the result. The first model becomes champion."""
    with output.stage(f"training {population} at {as_of}"):
        trained = model.train(migrated("train"), population, as_of, is_ablated=is_ablated)
    if trained.worth:
        output.table(
            ("features", "how many", "AUC lost without them", "so they"),
            [(each.family, each.features, each.told, each.verdict) for each in trained.worth],
        )
    output.stdout.print(str(trained), markup=False)


def benchmark(
    source: Annotated[
        str,
        typer.Option(
            "--data", metavar="SOURCE", help="csv, parquet, json, xlsx, or URL#table of a database."
        ),
    ],
    label: Annotated[
        str, typer.Option(metavar="COL[=VALUE]", help="Who left; without VALUE the rarer of two.")
    ],
    as_of: AsOf,
    key: Annotated[
        str | None,
        typer.Option(
            metavar="COL",
            help="Whose a row is.",
            show_default="who is named as a customer, or what tells rows apart",
        ),
    ] = None,
    time: Annotated[
        str | None,
        typer.Option(
            metavar="COL",
            help="When a row was known: later rows are the test.",
            show_default="customers are divided",
        ),
    ] = None,
    ignored: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="COL[,COL…]", help="Leave a column out; repeatable."),
    ] = None,
    accept: Accept = None,
    positive: Annotated[
        str | None,
        typer.Option(metavar="VALUE", help="What the label says of who left.", show_default=False),
    ] = None,
    is_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """
    Train on any labelled table, and judge the result beside other models on the same folds.

    Nothing is loaded and nothing is registered. Columns that may know who left end it, by name.
    """
    with output.stage(f"training on {source}"):
        try:
            done = model.benchmark(
                installation("benchmark"),
                source,
                as_of=as_of,
                label=label if positive is None else f"{label}={positive}",
                key=key,
                time=time,
                ignored=[name for names in ignored or () for name in names.split(",")],
                accepts=dict(map(as_accepted, accept or ())),
            )
        except LeakSuspected as refused:
            if is_json:
                print(json.dumps({"error": _told(refused)}, indent=2))
            raise
    if is_json:
        print(json.dumps(done.to_dict(), indent=2))
    else:
        _show(done)


def _told(refused: LeakSuspected) -> dict[str, object]:
    """Return a refusal as JSON-compatible values."""
    return {
        "exit_code": refused.exit_code,
        "message": refused.message,
        "next_step": refused.next_step,
        "leaks": refused.leaks,
    }


def _show(done: "BenchmarkReport") -> None:
    """Print what a training made of a table."""
    for note in done.notes:
        output.item(note)
    for header, reason in done.dropped.items():
        output.item(f"{header} left out: {reason}")
    where = "later rows" if done.is_in_time else "five folds, twice"
    ours, package = f"churn ({done.package.fitted.family})", done.package
    rows = [(ours, done.auc)] + [(name, each) for name, each in done.rivals.items()]
    output.table(
        (f"AUC on {where}", "mean", "±"),
        [(name, f"{mean:.4f}", f"{spread:.4f}") for name, (mean, spread) in rows],
    )
    output.table(
        ("measure", "out of fold", "test"),
        [
            (name, str(estimate), str(package.evaluation[name]))
            for name, estimate in package.out_of_fold.items()
        ],
    )
    for each in package.slices:
        if each.gaps:
            ratio = f"{each.observed_to_expected:.2f} left of each expected"
            output.item(f"{each.name}: {', '.join(each.gaps)} ({ratio})")
    learned, test = (package.counts[part] for part in ("learn", "test"))
    output.stderr.print(
        f"({learned['churners']:,} of {learned['rows']:,} left of those it learned from, "
        f"{test['churners']:,} of {test['rows']:,} of the test; {done.seconds:.0f} s)"
    )


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
