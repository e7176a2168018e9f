"""churn.toml of any content: read, or refused with the key that is wrong."""

import json
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.settings import ROOT
from tests import databases
from tests.security import command_line, examples

OURS: dict[str, Any] = tomllib.loads((ROOT / "churn.toml").read_text("utf-8"))

SCALARS = (
    st.booleans()
    | st.integers()
    | st.integers(-(10**40), 10**40)
    | st.floats()
    | st.text(max_size=30)
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.sampled_from(["", "nan", "1", "low", "subscribers", "x" * 10_000, "a@b", "25:00", "\x00"])
)
KEYS = st.sampled_from([*OURS, "home", "root", "database_url", "channel_addresses", "low"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


def places(table: dict[str, Any], above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return where something stands in churn.toml, tables too."""
    found: list[tuple[str, ...]] = []
    for key, value in table.items():
        found.append((*above, key))
        if isinstance(value, dict):
            found += places(value, (*above, key))

    return found


def as_toml(value: object) -> str:
    """Return *value* as TOML writes it, tables in one line."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value, ensure_ascii=False)
        case datetime() | date() | time():
            return value.isoformat()
        case dict():
            return "{" + ", ".join(f"{as_toml(k)} = {as_toml(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(as_toml, value)) + "]"
        case _:
            return repr(value)


def file_of(table: dict[str, Any]) -> bytes:
    """Return a file that holds *table*."""
    lines = [f"{as_toml(key)} = {as_toml(value)}" for key, value in table.items()]

    return "\n".join(lines).encode("utf-8", "surrogatepass")


def changed(changes: list[tuple[tuple[str, ...], str | None, Any]]) -> bytes:
    """Return our own file with values replaced, taken out, or added beside them."""
    table: dict[str, Any] = json.loads(json.dumps(OURS))
    for place, beside, value in changes:
        inner = table
        for key in place[:-1]:
            inner = inner.get(key, {}) if isinstance(inner.get(key, {}), dict) else {}
        if beside is None and value is None:
            inner.pop(place[-1], None)
        else:
            inner[beside or place[-1]] = 0 if value is None else value

    return file_of(table)


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(places(OURS)),
        st.none() | KEYS | st.text(min_size=1, max_size=8),
        st.none() | VALUES,
    ),
    min_size=1,
    max_size=3,
)
FILES = (
    st.binary(max_size=300)
    | st.dictionaries(KEYS, VALUES, max_size=5).map(file_of)
    | CHANGES.map(changed)
)


@pytest.fixture(scope="module")
def warehouse(server_url: str, migrated: str) -> Iterator[Warehouse]:
    """One migrated and empty warehouse for all of these files: none of them may change it."""
    with databases.created(server_url, "any_settings", template=migrated) as empty:
        yield empty


def test_the_file_these_begin_with_is_legal(warehouse: Warehouse, tmp_path: Path) -> None:
    """Written by this module, without a change, churn.toml is read as it is."""
    path = tmp_path / "same.toml"
    path.write_bytes(changed([(("alerts", "email_to"), None, [])]))

    assert tomllib.loads(path.read_text("utf-8")) == OURS
    answer = command_line.ask(
        "runs", home=tmp_path / "home", url=warehouse.url, CHURN_CONFIG=str(path)
    )
    assert 0 == answer.code


def test_any_settings_are_read_or_refused(
    warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever churn.toml holds: a command works, or says which key or byte is wrong."""
    folder = tmp_path_factory.mktemp("settings")
    path = folder / "any.toml"
    before = command_line.rows(warehouse)

    @examples.settings()
    @given(content=FILES, command=st.sampled_from(["runs", "watch"]))
    def holds(*, content: bytes, command: str) -> None:
        path.write_bytes(content)
        words = [command, *(["--as-of", "2000-01-01"] if command == "watch" else [])]
        answer = command_line.ask(
            *words, home=folder / "home", url=warehouse.url, CHURN_CONFIG=str(path)
        )

        # A list that is not there by its deadline is what `watch` is for, and it writes an alert.
        assert answer.code in {0, 10, 33}, answer
        if answer.code != 33:
            assert before == command_line.rows(warehouse)

    holds()
