"""
Great Expectations, of which gates on PostgreSQL use half.

It imports a data source for every engine there is, charts, and scipy's statistics: 1.6 of the 3.7 s
of CPU of an import. Data sources of other engines are left out; charts and statistics come with the
first expectation that asks for them.
"""

import os

from pipelines.adapters.libraries.stand_ins import Empty, Later, in_place_of

# What few expectations use: kl_divergence draws a chart.
LATER = ("altair", "scipy.stats")
SOURCES = "great_expectations.datasource.fluent"
ENGINES = (
    *("alloy", "aurora", "bigquery", "citus", "databricks_sql", "fabric", "neon", "redshift"),
    *("snowflake", "sql_server", "sqlite"),
)
STORAGES = ("azure_blob_storage", "dbfs", "file_path", "filesystem", "google_cloud_storage", "s3")
UNUSED = (
    f"{SOURCES}.fabric",
    *(f"{SOURCES}.{engine}_datasource" for engine in ENGINES),
    *(f"{SOURCES}.{frames}_datasource" for frames in ("pandas", "spark")),
    *(f"{SOURCES}.{frames}_{at}_datasource" for frames in ("pandas", "spark") for at in STORAGES),
)

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when it is imported

with in_place_of(*map(Later, LATER), *map(Empty, UNUSED)):
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

__all__ = [
    "ExpectationConfiguration",
    "ExpectationNotFoundError",
    "ExpectationSuiteIdentifier",
    "RunIdentifier",
    "TestConnectionError",
    "ValidationError",
    "ValidationResultIdentifier",
    "gx",
]
