"""The SQL of a night asked of one customer: which names and dates are replaced, which are not."""

import re
from dataclasses import replace

import pytest

from pipelines.adapters.service import now_sql
from pipelines.domain.features.compiled import CompiledModel
from pipelines.domain.serving.now import NotAskedNow
from pipelines.domain.serving.records import Column

STAGED, ITEMS, COUNTRIES = '"w"."a"."stg_items"', '"w"."raw"."items"', '"w"."raw"."countries"'
COMPILED = CompiledModel(
    table="fct",
    query=f"""
with latest as (
  select max(loaded_at) as loaded_at from {STAGED} /*of everybody*/ as known
  where loaded_at < /*as_of*/ date '2026-03-01' /*as_of*/
)
select * from {STAGED} as items, latest, {COUNTRIES} as countries
where as_of = any(array[/*as_of*/ '2026-03-01', '2026-02-01' /*as_of*/]::date[])""",
    models={STAGED: f"select * from {ITEMS} where not is_test"},
    sources={ITEMS: ("raw", "items"), COUNTRIES: ("raw", "countries")},
    dates=("2026-03-01", "2026-02-01"),
)
COLUMNS = {
    ("raw", "items"): [
        Column("customer_id", "text", is_needed=True),
        Column("loaded_at", "timestamp with time zone", is_needed=True),
    ],
    ("raw", "countries"): [Column("name", "text", is_needed=False)],
}


def narrowed(compiled: CompiledModel = COMPILED) -> str:
    """Return the SQL for one customer, its blanks as one."""
    return re.sub(r"\s+", " ", now_sql.narrowed(compiled, COLUMNS, "= $1"))


def test_every_date_between_marks_is_the_one_that_is_asked_for() -> None:
    """However many the run has built."""
    query = narrowed()

    assert "loaded_at < $2 )" in query
    assert "any(array[$2]::date[])" in query
    assert "2026" not in query


def test_rows_of_customers_are_those_of_the_customer_below_every_model() -> None:
    """Other tables are read whole, and so is what is asked of everybody, down to its source."""
    query = narrowed()
    rows = 'from "raw"."items" where not $4 and'

    assert (
        f'online_0 as not materialized ( select "customer_id", "loaded_at" {rows} customer_id = $1'
        in query
    )
    assert (
        f'online_0_of_everybody as not materialized ( select "customer_id", "loaded_at" {rows} true'
        in query
    )
    assert "select * from online_0 where not is_test" in query
    assert "select * from online_0_of_everybody where not is_test" in query
    assert "from online_1_of_everybody as known" in query
    assert "from online_1 as items" in query
    assert f"{COUNTRIES} as countries" in query
    assert ITEMS not in query


@pytest.mark.parametrize("part", ["query", "models"])
def test_a_date_without_marks_is_refused(part: str) -> None:
    """It would be that of one night for ever."""
    odd = {
        "query": replace(COMPILED, query=f"{COMPILED.query} and opened_at > date '2026-02-01'"),
        "models": replace(COMPILED, models={STAGED: f"select date '2026-03-01' from {ITEMS}"}),
    }[part]
    with pytest.raises(NotAskedNow, match="2026-0"):
        narrowed(odd)


def test_names_and_bodies_are_quoted() -> None:
    """Whatever a population or a column is called."""
    columns = [Column('a"b', "text", is_needed=False)]
    made = now_sql.functions("o'd\"d", "with features as (select '$$') ", "", "", columns)

    assert '"online"."o\'d""d"(text, date, jsonb, boolean)' in made
    assert 'table ("a""b" text)' in made
    assert "select ''$$''" in made
    assert made.count("revoke all on function") == 3
    assert made.count("to churn_service") == 3
    assert made.count("security definer set search_path = pg_catalog, pg_temp") == 3
