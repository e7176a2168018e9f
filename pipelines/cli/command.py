"""The `churn` command: what people and Airflow type. It prints; everything else returns."""

import gc
import os
import platform
import signal
import sys

import typer

from pipelines.cli import (
    ask,
    benchmark,
    data,
    history,
    inspect,
    keys,
    model,
    night,
    populations,
    serve,
    services,
)
from pipelines.cli.output import configure_logging, fail, say_stopped
from pipelines.errors import ChurnError, Stopped

app = typer.Typer(
    name="churn",
    help="Nightly churn scoring: features, gates, scores, drift and training, one command each.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)
for part in (
    inspect,
    populations,
    data,
    model,
    benchmark,
    night,
    history,
    ask,
    keys,
    serve,
    services,
):
    part.register(app)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    is_version: bool = typer.Option(False, "--version", help="Print the version and leave."),
    is_future: bool = typer.Option(  # noqa: ARG001  options.not_after_today reads it
        False, "--future", envvar="CHURN_FUTURE", help="Allow dates after today."
    ),
) -> None:
    """Set up what every command shares."""
    if is_version:
        from importlib.metadata import version  # noqa: PLC0415  reads e-mail headers, for this alone

        print(version("churn-nightly"))
        raise typer.Exit
    os.environ["PGAPPNAME"] = (
        f"churn {context.invoked_subcommand} (process {os.getpid()} on {platform.node()})"
    )
    configure_logging()


def main() -> None:
    """
    Run the command line; a failure people can act on ends with its own exit code.

    SIGTERM unwinds it: transactions roll back, locks are free, and dbt ends with it.
    """
    # Most of a command is imports, and a tenth of those was looking for garbage.
    gc.set_threshold(100_000, 50, 50)
    # What we and our servers write is its owner's alone: models, pages, logs, samples.
    os.umask(0o077)
    signal.signal(signal.SIGTERM, _stop)
    try:
        app()
    except Stopped:
        say_stopped()
        raise
    except ChurnError as error:
        fail(error)
        sys.exit(error.exit_code)


def _stop(_signal: int, _frame: object) -> None:
    """End at once where the command is, the first time; once it is ending, let it."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Stopped
