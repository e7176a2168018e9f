"""`churn sql`: read-only questions to the warehouse."""

from typing import Annotated

import typer

from pipelines.cli import output
from pipelines.wiring import data
from pipelines.wiring.installation import migrated


def register(app: typer.Typer) -> None:
    """Add the commands of this module to *app*."""
    # A query may begin with a comment, `-- like this`, which is no option.
    app.command(context_settings={"ignore_unknown_options": True})(sql)


def sql(
    query: Annotated[str, typer.Argument(help="One statement that reads.")],
    is_csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")] = False,
) -> None:
    """Run one read-only query and print the rows."""
    answer = data.ask(migrated("sql"), query)
    if is_csv:
        output.comma_separated(answer.columns, answer.rows)
    else:
        output.table(answer.columns, answer.rows)
        output.stderr.print(f"({len(answer.rows)} rows)")
