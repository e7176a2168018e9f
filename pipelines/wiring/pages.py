"""The pages of nights: what they are made from, where they lie, and where they lead."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

import os
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import quote

from pipelines.wiring.installation import Installation

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.adapters.files.report_folder import ReportFolder
    from pipelines.adapters.tables.questions.night_questions import NightQuestions
    from pipelines.domain.nights.page.night_page import Links
    from pipelines.domain.nights.page.terms import Terms


def report(installation: Installation, population: str, as_of: date) -> str:
    """Write the night on one page; return its text."""
    from pipelines.adapters.tables.nights import WarehouseNights
    from pipelines.steps.night.report import report

    return report(
        population=population,
        as_of=as_of,
        nights=WarehouseNights(
            installation.warehouse, installation.data_docs, installation.settings.tiers
        ),
        questions=questions(installation, population),
        terms=terms(installation, population),
        links=links(installation, population, as_of),
        pages=folder(installation),
    )


def terms(installation: Installation, population: str) -> "Terms":
    """Return what a page has to know of churn.toml."""
    from pipelines.domain.nights.page.terms import Terms

    settings = installation.settings
    its = settings.population(population)

    return Terms(
        tiers=settings.tiers,
        costs=settings.business.costs,
        capacity_pct=settings.business.contact_capacity_pct,
        horizon_days=its.horizon_days,
        fee=its.fee,
    )


def questions(installation: Installation, population: str) -> "NightQuestions":
    """Return what is asked of the warehouse for a page."""
    from pipelines.adapters.tables.questions.night_questions import NightQuestions

    settings = installation.settings

    return NightQuestions(
        installation.warehouse,
        settings.root / "sql" / "night",
        terms(installation, population),
        (settings.warehouse.models_schema, settings.population(population).feature_model),
    )


def folder(installation: Installation) -> "ReportFolder":
    """Return where pages are kept."""
    from pipelines.adapters.files.report_folder import ReportFolder

    return ReportFolder(installation.settings.home / "reports")


def drawing(installation: Installation, population: str, as_of: date) -> "Path":
    """Return where the page of a night is."""
    return folder(installation).drawing(population, as_of)


def newest(installation: Installation, population: str) -> str:
    """Return the address of the newest page: where it is served, or else its file."""
    from pipelines.wiring import servers

    served = servers.page_address(installation, population)

    return served or folder(installation).newest(population).as_uri()


def links(installation: Installation, population: str, as_of: date) -> "Links":
    """Return where a page leads: to servers of this machine that run, and to pages of gates."""
    from pipelines.adapters.local import addresses
    from pipelines.domain.nights.page.night_page import Links

    home = installation.settings.home
    running = addresses.running_at(home)
    # In a container Airflow knows its address, and no process of ours does.
    airflow = running.get("airflow") or os.environ.get("AIRFLOW__API__BASE_URL")
    run_id = os.environ.get("AIRFLOW_CTX_DAG_RUN_ID")
    dag = os.environ.get("AIRFLOW_CTX_DAG_ID", "")
    mlflow = running.get("mlflow")
    kept = {
        gate: installation.data_docs.page(population, as_of, gate)
        for gate in ("sources", "features", "scores")
    }

    return Links(
        airflow=f"{airflow}/dags/{quote(dag)}/runs/{quote(run_id, safe='')}"
        if airflow and run_id
        else "",
        mlflow=f"{mlflow}/#/models/{{model}}/versions/{{version}}" if mlflow else "",
        docs={
            gate: os.path.relpath(page, folder(installation).folder)
            for gate, page in kept.items()
            if page
        },
    )
