"""What a training makes of any labelled table, beside other models."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli import output
from pipelines.cli.options import AsOf
from pipelines.cli.populations import Accept, as_accepted
from pipelines.errors import LeakSuspected
from pipelines.wiring import model
from pipelines.wiring.installation import installation

if TYPE_CHECKING:
    from pipelines.steps.model.benchmark import BenchmarkReport


def register(app: typer.Typer) -> None:
    """Add the command of this module to *app*."""
    app.command(no_args_is_help=True)(benchmark)


def benchmark(
    source: Annotated[
        str,
        typer.Option(
            "--data", metavar="SOURCE", help="csv, parquet, json, xlsx, or URL#table of a database."
        ),
    ],
    label: Annotated[
        str,
        typer.Option(
            metavar="COL[=VALUE]", help="Who left; without VALUE yes, or the rarer of two."
        ),
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
