"""Features of now, as the functions of the schema `online` say them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import psycopg
from psycopg.rows import DictRow
from psycopg.sql import SQL, Identifier

from pipelines.adapters.service.now_sql import SCHEMA
from pipelines.adapters.service.pool import Pool
from pipelines.domain.features.rows import Row
from pipelines.domain.serving.now import AskedNow, BeyondRange, NotAskedNow
from pipelines.domain.serving.records import Column, Tables

TABLES = "select tables, fault from churn.online_functions where population = %(population)s"
ONE = "select * from {}(%(customer)s::text, %(as_of)s::date, %(records)s::jsonb, %(is_alone)s)"
MANY = "select * from {}(%(customers)s::text[], %(as_of)s::date, %(records)s::jsonb, %(is_alone)s)"
IS_KNOWN = "select is_known from {}(%(customer)s::text)"
# Whoever is alone and has no records is nobody: no row of a table is read.
NOBODY: Final = {"customer": "", "as_of": date(2000, 1, 1), "records": "{}", "is_alone": True}
# So many customers, and so many records of theirs, are asked for in one statement.
MOST_CUSTOMERS: Final = 100
MOST_RECORDS: Final = 5_000
MISSING = (psycopg.errors.UndefinedFunction, psycopg.errors.InvalidSchemaName)


@dataclass(frozen=True)
class WarehouseFeaturesNow:
    """
    The functions of the schema `online`, one population's each.

    Attributes:
        pool: Connections as churn_service.
    """

    pool: Pool

    async def tables(self, population: str) -> Tables:
        """Return the tables records may be sent of; NotAskedNow if the population has none."""
        rows = await self.pool.rows(TABLES, {"population": population})
        if not rows or rows[0]["fault"] is not None:
            raise _not_asked(population, rows[0]["fault"] if rows else "it was not built since")

        return {
            table: [Column(**each) for each in columns]
            for table, columns in rows[0]["tables"].items()
        }

    async def features(
        self, population: str, asked: Sequence[AskedNow], as_of: date
    ) -> list[Row | None]:
        """Return the features of each who is asked for; None of whom there are none."""
        # Whoever is asked for twice without records is asked for once.
        first: dict[tuple[str, bool], int] = {}
        same = [
            number if each.records else first.setdefault((each.customer_id, each.is_alone), number)
            for number, each in enumerate(asked)
        ]
        found: dict[int, Row | None] = {}
        for numbers in _together({number: asked[number] for number in same}):
            rows = await self._asked(population, [asked[number] for number in numbers], as_of)
            of_customer = {row["customer_id"]: _row(row) for row in rows}
            for number in numbers:
                found[number] = of_customer.get(asked[number].customer_id)

        return [found[number] for number in same]

    async def is_known(self, population: str, customer_id: str) -> bool:
        """Tell whether the warehouse has anything of a customer."""
        if "\0" in customer_id:  # which no text of PostgreSQL has
            return False
        rows = await self._rows(population, IS_KNOWN, {"customer": customer_id})

        return bool(rows and rows[0]["is_known"])

    async def _asked(
        self, population: str, asked: Sequence[AskedNow], as_of: date
    ) -> list[DictRow]:
        """Return the features of customers of whom none is another."""
        told: dict[str, list[Mapping[str, Any]]] = {}
        for each in asked:
            for table, records in each.records.items():
                told.setdefault(table, []).extend(records)
        parameters: dict[str, Any] = {
            "as_of": as_of,
            "records": json.dumps(told),
            "is_alone": asked[0].is_alone,
        }
        if len(asked) == 1:
            if "\0" in asked[0].customer_id:
                return []
            return await self._rows(
                population, ONE, {**parameters, "customer": asked[0].customer_id}
            )
        customers = [each.customer_id for each in asked]

        return await self._rows(population, MANY, {**parameters, "customers": customers})

    async def _rows(
        self, population: str, statement: str, parameters: Mapping[str, Any]
    ) -> list[DictRow]:
        """Return the rows of one function."""
        try:
            return await self.pool.rows(_called(statement, population), parameters)
        except MISSING:
            raise _not_asked(population, "it was not built since") from None
        except psycopg.DataError:
            raise BeyondRange from None


def of_nobody(population: str) -> tuple[str, Mapping[str, Any]]:
    """Return what is asked of one customer, asked of nobody: a statement and its parameters."""
    return _called(ONE, population), NOBODY


def _called(statement: str, population: str) -> str:
    """Return a statement that calls the function of a population."""
    return SQL(statement).format(Identifier(SCHEMA, population)).as_string(None)


def _together(asked: Mapping[int, AskedNow]) -> Iterator[list[int]]:
    """Yield the numbers of those who are asked for at once: nobody twice, all of one kind."""
    for is_alone in (False, True):
        left = [number for number, each in asked.items() if each.is_alone is is_alone]
        while left:
            taken: dict[str, int] = {}
            records, later = 0, []
            for number in left:
                each = asked[number]
                size = sum(map(len, each.records.values()))
                is_room = len(taken) < MOST_CUSTOMERS and records + size <= MOST_RECORDS
                if each.customer_id not in taken and (is_room or not taken):
                    taken[each.customer_id] = number
                    records += size
                else:
                    later.append(number)
            yield [*taken.values()]
            left = later


def _row(row: DictRow) -> Row:
    """Return the features of a customer, as a program would send them."""
    return {
        name: float(value) if isinstance(value, Decimal) else value
        for name, value in row.items()
        if name not in {"as_of", "customer_id"}
    }


def _not_asked(population: str, fault: str) -> NotAskedNow:
    """Return that nothing of now can be said of a population."""
    return NotAskedNow(
        f"features of {population} cannot be asked of one customer: {fault}",
        next_step=f"churn features --population {population}",
    )
