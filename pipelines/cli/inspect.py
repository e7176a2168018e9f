"""Look at tables before anything is made of them: inspect."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli import output
from pipelines.cli.options import AsOf, Sources
from pipelines.wiring import data
from pipelines.wiring.installation import installation

if TYPE_CHECKING:
    from pipelines.domain.inspection.report import Inspection

LEVELS_SHOWN = 4
COSTS_SHOWN = 5


def register(app: typer.Typer) -> None:
    """Add the command of this module to *app*."""
    app.command(no_args_is_help=True)(inspect)


def inspect(
    sources: Sources,
    as_of: AsOf,
    label: Annotated[
        str | None,
        typer.Option(
            metavar="COL[=VALUE]",
            help="Who left; without VALUE yes, or the rarer of two.",
            show_default="guessed",
        ),
    ] = None,
    most_rows: Annotated[
        int, typer.Option("--rows", min=100, help="Most rows looked at, evenly spread.")
    ] = 1_000_000,
    is_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    page: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it as an HTML page.")
    ] = None,
) -> None:
    """
    Look at tables and tell: columns, keys, dates, who left, what is wrong. Nothing is loaded.

    Values that may identify somebody are never shown.
    """
    found = data.inspect(
        installation("inspect"), sources, as_of=as_of, label=label, most_rows=most_rows
    )
    if page is not None:
        data.save_page(found, page)
    if is_json:
        print(json.dumps(found.to_dict(), indent=2, ensure_ascii=True))
    else:
        show(found)
    if page is not None:
        output.stderr.print(f"page: {page}", markup=False)


def show(inspection: "Inspection") -> None:
    """Print what was found, a table after the other."""
    told = inspection.to_dict()
    for table in told["tables"]:
        output.title(f"{table['name']}: {table['rows']:,} rows, {len(table['columns'])} columns")
        for note in table["notes"]:
            output.item(note)
        output.title(f"data quality {table['quality']['score']:.1f} of 100")
        for part in table["quality"]["parts"]:
            score = "nothing to judge it by" if part["score"] is None else f"{part['score']:.2f}"
            output.item(f"{part['part']}: {score}")
            for cost in part["costs"][:COSTS_SHOWN]:
                first = ", ".join(map(str, cost["examples"]))
                output.item(f"{cost['reason']}: {cost['rows']:,} rows, first {first}", depth=1)
        output.table(
            ["column", "kind", "missing", "different", "from … to, or commonest", "AUC alone"],
            [
                (
                    column["name"],
                    column["kind"],
                    column["missing"],
                    column["distinct"],
                    _example(column),
                    "" if column["auc_alone"] is None else f"{column['auc_alone']:.2f}",
                )
                for column in table["columns"]
            ],
        )
    for link in told["links"]:
        output.item(
            f"{link['table']}.{link['column']} is {link['to_table']}.{link['to_column']} "
            f"({link['share']:.1%} of its values are there)"
        )


def _example(column: dict[str, Any]) -> str:
    """Return what a column holds, in a few words; nothing that may identify somebody."""
    if column["span"]:
        return " … ".join(column["span"])
    levels = list(column["levels"])
    rest = column["distinct"] - LEVELS_SHOWN

    return ", ".join(levels[:LEVELS_SHOWN]) + (f", and {rest} more" if levels and rest > 0 else "")
