"""`churn sql` with any text: an answer or a refusal, and a warehouse that is as it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.adapters.warehouse.connection import Warehouse
from tests import databases
from tests.security import command_line, examples

TYPES = (
    *("date", "timestamp", "timestamptz", "time", "timetz", "interval", "numeric", "int8", "text"),
    *("float8", "bool", "bytea", "json", "jsonb", "xml", "inet", "uuid", "point", "money", "oid"),
    *("int4range", "daterange", "tsrange", "int4multirange", "int[]", "text[]", "date[]", "bit(3)"),
    *("regclass", "name", '"char"', "tsvector", "pg_lsn", "churn.scores", "record", "void", "cidr"),
)
VALUES = (
    *(
        "infinity",
        "-infinity",
        "4713-01-01 BC",
        "294276-12-31",
        "24:00",
        "10:00+15:59",
        "NaN",
        "{}",
    ),
    *("1", "-1", "t", "", "9" * 400, "1e400", "[1,2)", "empty", "(,)", "{1,NULL}", "{{1},{2}}"),
    *(
        '{"a":"\\u0000"}',
        '{"a":[1e400]}',
        "<a/>",
        "=cmd()",
        "\\x00ff",
        "178000000 years",
        "%s",
        "%",
    ),
    *("192.168.0.0/16", "churn.scores", "[2026-01-01,infinity]", "0/0", "1 mon -1 day", "now"),
)
WORDS = (
    *("select", "from", "where", "with", "a as", "(", ")", ",", ";", "*", "null", "1", "'x'", "::"),
    *("insert into", "update", "delete from", "drop table", "truncate", "copy", "to stdout", "do"),
    *("set role churn_pipeline", "reset role", "begin", "commit", "rollback", "lock table", "call"),
    *("churn.scores_current", "raw.customers", "churn.scores", "pg_authid", "pg_settings", "$$"),
    *("listen x", "explain", "analyze", "vacuum", "show all", "declare c cursor for", "fetch all"),
    *("prepare x as", "execute x", "create temp table t as", "union all", "limit 3", "$1", "%s"),
    *("pg_read_file('PG_VERSION')", "nextval('a')", "lo_create(0)", "set_config('role','',true)"),
    *("generate_series(1,3)", "array[", "]", "row(", "--", "/*", "*/", "\\copy", '"', "'", "=1"),
)
ANY_TEXT = st.text(max_size=200)
CASTS = st.builds(
    lambda value, kind: f"select '{value.replace(chr(39), chr(39) * 2)}'::{kind} as it",
    st.sampled_from(VALUES) | st.text(max_size=20),
    st.sampled_from(TYPES),
)
SOUP = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)


@pytest.fixture(scope="module")
def warehouse(server_url: str, migrated: str) -> Iterator[Warehouse]:
    """One migrated and empty warehouse for all of these questions: none of them may change it."""
    with databases.created(server_url, "any_sql", template=migrated) as empty:
        yield empty


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder."""
    return tmp_path_factory.mktemp("home")


def test_any_question_is_answered_or_refused(warehouse: Warehouse, home: Path) -> None:
    """Whatever the text: exit code 0, 2 or 40, as table and as CSV, and not a row more or less."""
    before = command_line.rows(warehouse)

    @examples.settings()
    @given(query=ANY_TEXT | CASTS | SOUP, is_csv=st.booleans())
    def holds(*, query: str, is_csv: bool) -> None:
        words = ["sql", *(["--csv"] if is_csv else []), "--", query]
        answer = command_line.ask(*words, home=home, url=warehouse.url)

        assert answer.code in {0, 2, 40}, answer
        assert before == command_line.rows(warehouse)

    holds()
