"""Servers on this machine, and the demo that shows all of it."""

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli import output
from pipelines.cli.options import AsOf
from pipelines.wiring import data, model, servers
from pipelines.wiring.installation import installation

if TYPE_CHECKING:
    from pipelines.adapters.local.servers import Addresses

POPULATION = "subscribers"


def register(app: typer.Typer) -> None:
    """Add the commands of this module to *app*."""
    for command in (up, down, status, demo):
        app.command()(command)


class Only(StrEnum):
    """A server that can be started alone."""

    MLFLOW = "mlflow"


def up(
    only: Annotated[Only | None, typer.Option(help="Start this one alone.")] = None,
) -> None:
    """Start PostgreSQL, Airflow, MLflow, the pages and the service. Prints addresses and logins."""
    found = installation("up")
    if only is None:
        _print_addresses(servers.up(found, _say))
    else:
        _print_address("MLflow", *servers.up_mlflow(found, _say))


def down(
    is_removed: Annotated[
        bool, typer.Option("--remove", help="Delete the embedded database as well.")
    ] = False,
) -> None:
    """End everything that was started here. The embedded PostgreSQL is last."""
    ended = servers.down(installation("down"), is_removed=is_removed)
    output.stdout.print(f"ended: {', '.join(ended)}" if ended else "nothing was running")


def status(
    is_owner: Annotated[
        bool, typer.Option("--owner", help="Show the login of the warehouse's owner instead.")
    ] = False,
) -> None:
    """Say what is running, and how to log in to MLflow, the pages and, to read, the warehouse."""
    found = installation("status")
    running = servers.running(found)
    connection = servers.connection(found, is_owner=is_owner)
    if not running and connection is None:
        output.stdout.print("nothing is running")
    if running:
        output.stdout.print(f"running: {', '.join(running)}")
    if connection is not None:
        output.stdout.print(f"warehouse: {connection}", markup=False)
    mlflow = servers.mlflow_address(found)
    if mlflow is not None:
        output.stdout.print(f"mlflow: {mlflow}", markup=False)
    pages = servers.pages_address(found)
    if pages is not None:
        output.stdout.print(f"pages: {pages}", markup=False)
        for population in found.settings.populations:
            newest = servers.page_address(found, population)
            output.stdout.print(f"  {population}: {newest}", markup=False)
    service = servers.service_address(found)
    if service is not None:
        output.stdout.print(f"service: {service}", markup=False)


def demo(
    as_of: AsOf,
    customers: Annotated[int, typer.Option(min=1000, help="Customers to generate.")] = 20_000,
    months: Annotated[int, typer.Option(min=8, max=240, help="Months of history.")] = 18,
    nights: Annotated[int, typer.Option(min=1, max=366, help="Nights to run through Airflow.")] = 3,
) -> None:
    """
    Set everything up, and run nights through Airflow.

    What is there already is kept, so running it again is quick and changes nothing.
    """
    found = installation("demo")
    with output.stage("1/6 database"):
        data.migrate(found)

    loader, pipeline, trainer = map(installation, ("load-demo", "backfill", "train"))
    until = data.demo_until(loader) or as_of
    with output.stage(f"2/6 {customers:,} customers × {months} months until {until}"):
        data.load_demo(loader, customers=customers, months=months, seed=7, until=until)

    dates = [until - timedelta(days=back) for back in reversed(range(nights))]
    with output.stage("3/6 features of the past snapshots"):
        data.build_training_snapshots(pipeline, POPULATION, dates[0])
    with output.stage("4/6 champion"):
        if trainer.registry.champion(POPULATION) is None:
            output.stdout.print(str(model.train(trainer, POPULATION, dates[0])), markup=False)

    addresses = None
    missing = [night for night in dates if pipeline.scores.published(POPULATION, night) is None]
    if missing or servers.running(found):
        with output.stage("5/6 Airflow and MLflow"):
            addresses = servers.up(found, _say)
    with output.stage(f"6/6 {len(dates)} nights through Airflow"):
        for night in dates:
            if night in missing and addresses is not None:
                servers.run_in_airflow(addresses, POPULATION, night, _say)
            else:
                _say(f"{night} is published already")

    for title, name in (("Tonight's list", "tier_summary"), ("The ten riskiest", "riskiest")):
        answer = data.report(found, name)
        output.stdout.print(f"\n[bold]{title}[/bold]")
        output.table(answer.columns, answer.rows)
    output.stdout.print("\n[bold]See for yourself[/bold]")
    output.stdout.print(
        '  .venv/bin/churn sql "select * from churn.scores_current order by churn_probability desc '
        'limit 10"\n  .venv/bin/churn sql "$(cat sql/reports/tier_summary.sql)"',
        markup=False,
    )
    if addresses is None:
        output.stdout.print("  make up        Airflow and MLflow in the browser")
    else:
        _print_addresses(addresses)
        output.stdout.print("  make down      ends all of it")


def _say(line: str) -> None:
    """Show progress."""
    output.stderr.print(f"  {line}", markup=False)


def _print_addresses(addresses: "Addresses") -> None:
    """Print where the interfaces are."""
    _print_address("Airflow", addresses.airflow_url, addresses.user, addresses.password)
    _print_address("MLflow", addresses.mlflow_url, addresses.mlflow_user, addresses.mlflow_password)
    _print_address("Pages", addresses.pages_url, addresses.pages_user, addresses.pages_password)
    if addresses.service_url is not None:
        output.stdout.print(f"  {'Service':<14} {addresses.service_url}  (churn keys create)")


def _print_address(name: str, url: str, user: str, password: str) -> None:
    """Print where one interface is, and its login."""
    output.stdout.print(f"  {name:<14} {url}  (login {user} / {password})", markup=False)
