"""
Great Expectations, of which gates on PostgreSQL use half.

It imports a data source for every engine there is, sixty expectations, charts, and scipy's
statistics. Data sources of other engines are left out, and so is what tells a cloud; charts and
statistics come with the first expectation that asks for them, and an expectation with the first
check that names it.
"""

import importlib
import importlib.util
import os
import pkgutil
from typing import Any

from pipelines.adapters.libraries.stand_ins import Empty, Later, in_place_of

# What few expectations use: kl_divergence draws a chart.
LATER = ("altair", "jsonschema", "requests", "scipy.stats")
SOURCES = "great_expectations.datasource.fluent"
ENGINES = (
    *("alloy", "aurora", "bigquery", "citus", "databricks_sql", "fabric", "neon", "redshift"),
    *("snowflake", "sql_server", "sqlite"),
)
STORAGES = ("azure_blob_storage", "dbfs", "file_path", "filesystem", "google_cloud_storage", "s3")
UNUSED = (
    *("google.auth.exceptions", "google.oauth2.service_account", "requests.adapters"),
    f"{SOURCES}.fabric",
    *(f"{SOURCES}.{engine}_datasource" for engine in ENGINES),
    *(f"{SOURCES}.{frames}_datasource" for frames in ("pandas", "spark")),
    *(f"{SOURCES}.{frames}_{at}_datasource" for frames in ("pandas", "spark") for at in STORAGES),
)


def _expectations() -> frozenset[str]:
    """Return the modules of expectations, each called as its type; none of them is imported."""
    library = importlib.util.find_spec("great_expectations")
    folders = (library.submodule_search_locations if library else None) or []
    found = pkgutil.iter_modules([f"{folder}/expectations/core" for folder in folders])
    names = (module.name for module in found if module.name.startswith("expect_"))

    return frozenset(f"great_expectations.expectations.core.{name}" for name in names)


EXPECTATIONS = _expectations()

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when it is imported

with in_place_of(*map(Later, LATER), *map(Empty, (*UNUSED, *EXPECTATIONS))):
    import great_expectations as gx
    from great_expectations.compatibility.pydantic import ValidationError
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )
    from great_expectations.datasource.fluent.interfaces import TestConnectionError
    from great_expectations.exceptions import ExpectationNotFoundError
    from great_expectations.expectations.expectation_configuration import (
        ExpectationConfiguration,
    )


def expectation(kind: str, **told: object) -> Any:  # noqa: ANN401  GX carries no types
    """
    Return one of GX's expectations, which is imported by the first who names it.

    Args:
        kind: Such as expect_column_to_exist.
        told: What else ExpectationConfiguration takes.

    Raises:
        ExpectationNotFoundError: GX has no such expectation.
        ValidationError: It takes no such arguments.
    """
    module = f"great_expectations.expectations.core.{kind}"
    if module in EXPECTATIONS:
        importlib.import_module(module)

    return ExpectationConfiguration(type=kind, **told).to_domain_obj()


__all__ = [
    "ExpectationNotFoundError",
    "ExpectationSuiteIdentifier",
    "RunIdentifier",
    "TestConnectionError",
    "ValidationError",
    "ValidationResultIdentifier",
    "expectation",
    "gx",
]
