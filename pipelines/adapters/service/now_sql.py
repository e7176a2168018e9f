"""
The SQL of a night, narrowed to one customer or a few, with records of a request beside the stored.

Nothing of it is written a second time: it is what dbt compiled, in which dates between their marks
become a parameter, and tables of sources become their rows of the customer.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from psycopg.sql import SQL, Composable, Identifier, Literal

from pipelines.domain.features.compiled import CompiledModel
from pipelines.domain.serving.now import NotAskedNow
from pipelines.domain.serving.records import CUSTOMER, DIGEST, LOADED, Column

SCHEMA: Final = "online"
MARKED_DATES: Final = re.compile(r"/\*as_of\*/.*?/\*as_of\*/", re.DOTALL)
OF_EVERYBODY: Final = r"\s*/\*of everybody\*/"
OF_ONE_CUSTOMER, OF_CUSTOMERS = "text, date, jsonb, boolean", "text[], date, jsonb, boolean"
IS_KNOWN: Final = "text"
TEXTS: Final = frozenset({"text", "character varying"})
# A plan for any customer is made once a session, for few rows. Compiling it takes a second.
SETTINGS: Final = (
    "set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set jit = off "
    "set timezone = 'UTC'"
)
# As `prefer_hashes` has them for the nights: of many customers at once nested loops read each
# other's rows over and over.
OF_MANY: Final = "set enable_nestloop = off set enable_mergejoin = off set work_mem = '64MB'"


Columns = Mapping[tuple[str, str], Sequence[Column]]


def narrowed(compiled: CompiledModel, columns: Columns, condition: str) -> str:
    """
    Return the SQL of a night for whose rows *condition* is true.

    `$2` is the date, `$3` the records sent, by table, `$4` whether they stand alone.

    Args:
        compiled: As the night was built.
        columns: Of each of its sources.
        condition: What is true of the customer's id alone, such as `= $1`.

    Raises:
        NotAskedNow: Dates are not between their marks.
    """
    sources = {
        name: (schema, table)
        for name, (schema, table) in compiled.sources.items()
        if is_of_customers(columns[schema, table])
    }
    # What is asked of everybody reads rows of everybody, however deep below.
    narrow = {name: f"online_{number}" for number, name in enumerate((*sources, *compiled.models))}
    whole = {name: f"{alias}_of_everybody" for name, alias in narrow.items()}
    parts: list[str] = []
    for name, (schema, table) in sources.items():
        for alias, where in ((narrow[name], f"customer_id {condition}"), (whole[name], "true")):
            rows = _rows(schema, table, columns[schema, table], where)
            parts.append(f"{alias} as not materialized (\n{rows}\n)")
    for name, query in compiled.models.items():
        asked = _asked(query, compiled.dates)
        parts.append(f"{narrow[name]} as not materialized (\n{_replaced(asked, narrow, whole)}\n)")
        parts.append(f"{whole[name]} as not materialized (\n{_replaced(asked, whole, whole)}\n)")
    query = _replaced(_asked(compiled.query, compiled.dates), narrow, whole)
    features = f"features as (\nselect * from (\n{query}\n) where customer_id {condition}\n)"

    return f"with {', '.join([*parts, features])}\n"


def functions(population: str, query: str, many: str, known: str, names: Sequence[Column]) -> str:
    """
    Return the statements that make the functions of a population, in the place of earlier ones.

    Args:
        population: Whose; the name of the functions.
        query: Features of the customer `$1`, as `narrowed` returns them.
        many: Features of the customers `any($1)`.
        known: Whether there is anything of the customer `$1`.
        names: Columns of the feature table.
    """
    name = Identifier(SCHEMA, population)
    returned = SQL("table ({})").format(
        SQL(", ").join(SQL(f"{{}} {each.type}").format(Identifier(each.name)) for each in names)
    )
    selected = SQL("select {} from features").format(
        SQL(", ").join(Identifier("features", each.name) for each in names)
    )
    chosen = selected.as_string(None)
    made = [
        *_function(name, OF_ONE_CUSTOMER, returned, SETTINGS, query + chosen),
        *_function(name, OF_CUSTOMERS, returned, f"{SETTINGS} {OF_MANY}", many + chosen),
        *_function(name, IS_KNOWN, SQL("table (is_known boolean)"), SETTINGS, known),
    ]

    return "\n".join(each.as_string(None) for each in made)


def dropped(population: str) -> str:
    """Return the statements that take the functions of a population away."""
    name = Identifier(SCHEMA, population)

    return "\n".join(
        SQL("drop function if exists {}({});").format(name, SQL(arguments)).as_string(None)
        for arguments in (OF_ONE_CUSTOMER, OF_CUSTOMERS, IS_KNOWN)
    )


def is_known(compiled: CompiledModel, columns: Columns) -> str:
    """Return the SQL of whether a source has a row of the customer `$1` who was not erased."""
    found = [
        f"exists (select from {name} where customer_id = $1)"
        for name, key in compiled.sources.items()
        if is_of_customers(columns[key])
    ]

    return (
        "select not exists (select from churn.erasures "  # noqa: S608  names are of the manifest
        "where customer_sha256 = sha256(convert_to($1, 'UTF8'))) "
        f"and ({' or '.join(found) or 'false'})"
    )


def is_of_customers(columns: Sequence[Column]) -> bool:
    """Tell whether rows of a table are customers' own."""
    return any(each.name == CUSTOMER and each.type in TEXTS for each in columns)


def _rows(schema: str, table: str, columns: Sequence[Column], where: str) -> str:
    """
    Return the SQL of the rows of a table, and of those that were sent for it.

    A row without a key of its own is known by its digest, and is not told twice by being sent too.
    """
    names = ", ".join(_quoted(each.name) for each in columns)
    place, key = _quoted(schema, table), Literal(table).as_string(None)
    sent = f"select {names} from jsonb_populate_recordset(null::{place}, $3 -> {key}) as sent"  # noqa: S608  quoted
    where_sent = where
    if any(each.name == DIGEST for each in columns):
        said = [each.name for each in columns if each.name not in {LOADED, DIGEST}]
        is_same = " and ".join(
            f"known.{_quoted(name)} is not distinct from sent.{_quoted(name)}" for name in said
        )
        sent += (
            "\nleft join lateral ("  # noqa: S608  quoted
            f"select true as is_there from {place} as known "
            f"where not $4 and known.customer_id = sent.customer_id and {is_same} limit 1"
            ") as stored on true"
        )
        where_sent = f"stored.is_there is null and {where}"

    return (
        f"select {names} from {place} where not $4 and {where}\n"  # noqa: S608  quoted
        f"union all\n{sent} where {where_sent}"
    )


def _quoted(*names: str) -> str:
    """Return a dotted identifier, each part quoted."""
    return Identifier(*names).as_string(None)


def _asked(query: str, dates: Sequence[str]) -> str:
    """Return SQL that asks `$2` instead of the dates of its run."""
    asked = MARKED_DATES.sub("$2", query)
    left = sorted({each for each in dates if each in asked})
    if left:
        raise NotAskedNow(
            f"the SQL of a model names {left[0]} by itself",
            next_step="name dates of the run by the macros of dbt_project/macros/as_ofs.sql",
        )

    return asked


def _replaced(query: str, narrow: Mapping[str, str], whole: Mapping[str, str]) -> str:
    """Return SQL that reads what *narrow* calls them, or *whole* where it asks of everybody."""
    for name in sorted(narrow, key=len, reverse=True):
        everybody = re.compile(re.escape(name) + OF_EVERYBODY)
        query = everybody.sub(whole[name], query).replace(name, narrow[name])

    return query


def _function(
    name: Identifier, arguments: str, returned: Composable, settings: str, query: str
) -> list[Composable]:
    """Return the statements that make one function, which only the service may call."""
    called = SQL("{}({})").format(name, SQL(arguments))
    body = f"#variable_conflict use_column\nbegin\nreturn query\n{query};\nend"

    return [
        SQL("drop function if exists {};").format(called),
        SQL(
            "create function {} returns {} language plpgsql stable security definer {} as {};"
        ).format(called, returned, SQL(settings), Literal(body)),
        SQL("revoke all on function {} from public;").format(called),
        SQL("grant execute on function {} to churn_service;").format(called),
    ]
