"""Records to send as examples: as the tables of a population take them, to be scored."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from pipelines.api.parts import Parts
from pipelines.domain.serving.now import NotAskedNow
from pipelines.domain.serving.records import CUSTOMER, DIGEST, LOADED, Column, Tables
from pipelines.errors import DatabaseUnavailable

CUSTOMER_ID: Final = "C00000001"
INSTANT, DAY = "timestamp with time zone", "date"


async def users(parts: Parts) -> dict[str, dict[str, Any]]:
    """Return a body of every population that can be asked now."""
    found = {}
    for population in parts.models.served:
        try:
            found[population] = _user(await parts.asked.now.tables(population), parts)
        except (NotAskedNow, DatabaseUnavailable):
            continue

    return found


def _user(tables: Tables, parts: Parts) -> dict[str, Any]:
    """Return a body with a record of each table, all of the day before the night asked for."""
    at = datetime.combine(parts.tonight(), time(), UTC) - timedelta(days=1)

    return {
        "customer_id": CUSTOMER_ID,
        "records": {table: [_record(columns, at)] for table, columns in tables.items()},
        "alone": True,
    }


def _record(columns: Sequence[Column], at: datetime) -> Mapping[str, Any]:
    """
    Return a record with what is needed.

    In a table whose rows are known by what they say, nothing is; there it says when it happened.
    """
    told = [each for each in columns if each.is_needed and each.name not in {CUSTOMER, LOADED}]
    if any(each.name == DIGEST for each in columns):
        told = [each for each in columns if each.type in {INSTANT, DAY} and each.name != LOADED][:1]

    return {each.name: _value(each.type, at) for each in told}


def _value(kind: str, at: datetime) -> str | bool | int:
    """Return a value of a type."""
    if kind == INSTANT:
        return at.isoformat()
    if kind == DAY:
        return at.date().isoformat()
    if kind == "boolean":
        return False

    return "example" if kind in {"text", "character varying"} else 1
