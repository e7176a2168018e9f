"""
Great Expectations 1.x against PostgreSQL: checks of batches in, results without row values out.

GX computes the aggregates of all expectations of a batch in one query. What it would run besides is
kept from reading rows: samples of unexpected values are limited to none, and so is the query by
which it learns the columns of a batch.
"""

import contextlib
import itertools
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from pipelines.adapters.gates import pages
from pipelines.adapters.gates.answers import first_line, observed, withhold
from pipelines.adapters.gates.batch_query import batch_query
from pipelines.adapters.libraries.expectations import (
    ExpectationNotFoundError,
    TestConnectionError,
    ValidationError,
    expectation,
    gx,
)
from pipelines.domain.addresses import quoted
from pipelines.domain.gates.batch import Batch
from pipelines.domain.gates.check import Check
from pipelines.domain.gates.report import GateResult, result_of
from pipelines.errors import ConfigError, DatabaseUnavailable

# Counts and percentages, and never a value: BASIC would sample twenty.
RESULT_FORMAT = {
    "result_format": "BASIC",
    "partial_unexpected_count": 0,
    "exclude_unexpected_values": True,
}

# These look at the columns themselves. GX knows types of tables only, not of queries.
ABOUT_COLUMNS = {
    "expect_column_to_exist",
    "expect_column_values_to_be_in_type_list",
    "expect_column_values_to_be_of_type",
    "expect_table_columns_to_match_set",
}

_QUOTE = postgresql.dialect().identifier_preparer.quote  # type: ignore[no-untyped-call]

GX_SEVERITY = {"fail": "critical", "warn": "warning"}


@dataclass(frozen=True)
class Gx:
    """
    Great Expectations in a context that lives as long as the check.

    Attributes:
        database_url: `postgresql://user:password@host:port/database`.
        docs: Folder its Data Docs are written to; None writes none.
    """

    database_url: str = field(repr=False)
    docs: Path | None = None

    def validate(self, batches: Sequence[Batch]) -> list[GateResult]:
        """
        Check every batch.

        Returns:
            One result per check, in the order of batches and checks. A table or column that is
            missing, or of another type, is a failed result with the reason.

        Raises:
            ConfigError: An expectation is not one GX knows, or has arguments it does not take.
            DatabaseUnavailable: The database does not answer.
        """
        expectations = {id(check): _expectation(check) for b in batches for check in b.checks}
        logging.getLogger("great_expectations").setLevel(logging.ERROR)
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        results: list[GateResult] = []
        answers: list[Any] = []
        for schema, of_schema in itertools.groupby(batches, key=lambda batch: batch.schema):
            with _datasource(context, self.database_url, schema) as source:
                for batch in of_schema:
                    built = [expectations[id(check)] for check in batch.checks]
                    results += _check(source, batch, built, answers)
        if self.docs is not None:
            pages.build(context, answers, results, self.docs)

        return results


@contextlib.contextmanager
def _datasource(
    context: Any,  # noqa: ANN401  GX carries no types
    database_url: str,
    schema: str,
) -> Iterator[Any]:
    """Yield GX's view of one schema, and close its connections after."""
    url = sa.make_url(database_url)
    url = url.set(host=url.host or "localhost")  # GX wants one even where `?host=` overrides it
    path = _QUOTE(schema).replace("\\", r"\\").replace(" ", r"\ ")
    # Ours replace the address's.
    options = f"{url.query.get('options', '')} -csearch_path={path} -ctimezone=UTC"
    try:
        source = context.data_sources.add_postgres(
            schema,
            # GX takes no space in an address, and reads what follows a $ as a variable.
            connection_string=quoted(
                url.render_as_string(hide_password=False), scheme="postgresql+psycopg"
            ),
            # The way to a schema that GX does not call deprecated.
            kwargs={"connect_args": {"options": options, "connect_timeout": 10}},
        )
    except TestConnectionError as error:
        raise DatabaseUnavailable(
            f"the warehouse does not answer: {first_line(str(error.__cause__ or error))}",
            next_step="check CHURN_DATABASE_URL, or run `churn status`",
        ) from None
    try:
        yield source
    finally:
        source.get_execution_engine().close()
        source.get_engine().dispose()


def _check(
    source: Any,  # noqa: ANN401  GX carries no types
    batch: Batch,
    expectations: Sequence[Any],
    answers: list[Any],
) -> list[GateResult]:
    """Return the results of one batch, in the order of its checks; GX's own go to *answers*."""
    engine = source.get_execution_engine().engine
    refused = _refused(engine, batch)
    found: dict[int, tuple[bool, Mapping[str, Any]]] = {
        index: (False, {"error": reason}) for index, reason in refused.items()
    }
    left = [index for index in range(len(batch.checks)) if index not in refused]
    of_columns = [i for i in left if batch.checks[i].expectation in ABOUT_COLUMNS]
    of_rows = [i for i in left if i not in of_columns]

    name = f"{batch.schema}.{batch.table}"
    if of_columns:
        try:
            asset = source.add_table_asset(name, table_name=batch.table)
        except TestConnectionError:
            reason = f"table {name} may not be read"
            found |= dict.fromkeys(of_columns, (False, {"error": reason}))
        else:
            found |= _validated(asset, [expectations[i] for i in of_columns], of_columns, answers)
    if of_rows:
        query = batch_query(batch)
        asset = source.add_query_asset(f"{name} {batch.label}", query=query)
        with _reading_no_rows(engine, query):
            found |= _validated(asset, [expectations[i] for i in of_rows], of_rows, answers)

    return [
        result_of(batch, check, is_passed=found[i][0], observed=found[i][1])
        for i, check in enumerate(batch.checks)
    ]


def _validated(
    asset: Any,  # noqa: ANN401  GX carries no types
    expectations: Sequence[Any],
    indices: Sequence[int],
    answers: list[Any],
) -> dict[int, tuple[bool, Mapping[str, Any]]]:
    """Run *expectations* over *asset*; GX answers in an order of its own, so they are numbered."""
    for each, index in zip(expectations, indices, strict=True):
        each.meta = {"index": index}
    rows = asset.get_batch(asset.build_batch_request())
    suite = gx.ExpectationSuite(asset.name, expectations=[*expectations])
    validated = rows.validate(suite, result_format=RESULT_FORMAT)
    answers.append(validated)
    found: dict[int, tuple[bool, Mapping[str, Any]]] = {}
    for answer in validated.results:
        config = answer.expectation_config
        what = observed(answer, is_about_columns=config.type in ABOUT_COLUMNS)
        withhold(answer, is_about_columns=config.type in ABOUT_COLUMNS)
        found[config.meta["index"]] = (bool(answer.success), what)

    return found


@contextlib.contextmanager
def _reading_no_rows(engine: sa.Engine, query: str) -> Iterator[None]:
    """
    Ask for no rows where GX runs *query* itself, which it does to learn the columns' names.

    It fetches none of them, but psycopg would bring the whole result into memory first.
    """

    def limited(
        _connection: object,
        _cursor: object,
        statement: str,
        parameters: Any,  # noqa: ANN401
        _context: object,
        _executemany: object,
    ) -> tuple[str, Any]:
        return (f"{statement} LIMIT 0" if statement == query else statement, parameters)

    sa.event.listen(engine, "before_cursor_execute", limited, retval=True)
    try:
        yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", limited)


def _refused(engine: sa.Engine, batch: Batch) -> dict[int, str]:
    """Return why checks of *batch* cannot be run: a table or a column they name is not there."""
    name = f"{batch.schema}.{batch.table}"
    try:
        columns = sa.inspect(engine).get_columns(batch.table, batch.schema)
    except sa.exc.NoSuchTableError:
        return dict.fromkeys(range(len(batch.checks)), f"table {name} does not exist")

    there = {column["name"] for column in columns}
    missing = [column for column in batch.needs if column not in there]
    if missing:
        reason = f"column {', '.join(missing)} of {name} does not exist, so no row can be chosen"
        return dict.fromkeys(range(len(batch.checks)), reason)

    there |= {*batch.added}
    refused = {}
    for index, check in enumerate(batch.checks):
        named = [check.kwargs.get(key) for key in ("column", "column_A", "column_B")]
        named += check.kwargs.get("column_list", [])
        missing = [column for column in named if column and column not in there]
        if missing:
            refused[index] = f"column {', '.join(missing)} of {name} does not exist"

    return refused


def _expectation(check: Check) -> Any:  # noqa: ANN401  GX carries no types
    """Return GX's expectation of *check*."""
    try:
        return expectation(
            check.expectation, kwargs={**check.kwargs}, severity=GX_SEVERITY[check.severity]
        )
    except ExpectationNotFoundError:
        fault = "Great Expectations has no such expectation"
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        fault = "; ".join(faults)
    raise ConfigError(
        f"{check.origin}: {check.expectation}: {fault}", next_step=f"edit {check.origin}"
    )
