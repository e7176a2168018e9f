"""dbt with a manifest that was parsed before builds what it builds when it parses."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipelines.adapters.dbt import parsed
from pipelines.adapters.dbt.project import Dbt
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.errors import DbtFailed
from tests import made_population

# In no unit test of the house, whose manifest would hold them.
FIRST, SECOND = date(2025, 6, 1), date(2025, 6, 2)
MODELS = f"+{made_population.FEATURES} +{made_population.LABELS}"
BUILT = f"select as_of, customer_id, fee_eur from analytics.{made_population.FEATURES} order by 1"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that is built fast, there to be changed."""
    return made_population.write(tmp_path / "project")


@pytest.fixture
def dbt(project: Path, warehouse: Warehouse, tmp_path: Path) -> Dbt:
    """That project, built for the first of two dates, each with a load of its own."""
    for as_of, name in ((FIRST, "ann"), (SECOND, "bob")):
        made_population.load(warehouse, as_of, {name: 9.5})
    made = made_population.dbt(project, warehouse.url, tmp_path / "state")
    made.build(MODELS, on(FIRST))

    return made


def on(as_of: date) -> dict[str, object]:
    """Return the variables of a date."""
    return {"as_ofs": [str(as_of)], "known_at": str(as_of)}


def kept(dbt: Dbt) -> Path:
    """Return the one manifest there is."""
    (path,) = dbt.state.glob("parsed-*.msgpack")

    return path


@pytest.mark.story
def test_another_date_is_built_without_parsing(dbt: Dbt, warehouse: Warehouse) -> None:
    """The date is the call's own, the rows are those of a parse, and the file is not rewritten."""
    before = kept(dbt).stat().st_mtime_ns
    dbt.build(MODELS, on(SECOND))
    built = warehouse.rows(BUILT)
    assert before == kept(dbt).stat().st_mtime_ns
    assert [(FIRST, "ann"), (SECOND, "bob")] == [tuple(row[:2]) for row in built]

    anew = replace(dbt, state=dbt.state.with_name("anew"))
    for as_of in (FIRST, SECOND):
        anew.build(MODELS, on(as_of))
    assert built == warehouse.rows(BUILT)


def test_a_changed_model_is_built_as_it_is_now(dbt: Dbt, warehouse: Warehouse) -> None:
    """In the very next call."""
    model = dbt.project_dir / f"models/trial/marts/{made_population.FEATURES}.sql"
    text = model.read_text()
    assert text.count("    fee_eur") == 1
    model.write_text(text.replace("    fee_eur", "    fee_eur * 2 as fee_eur"))
    dbt.build(MODELS, on(FIRST))

    assert [(FIRST, "ann", 19.0)] == [tuple(row) for row in warehouse.rows(BUILT)]


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(b"", marks=pytest.mark.story),
        pytest.param(b"\x80", marks=pytest.mark.story),
        b"\x00\xff" * 99,
    ],
)
def test_a_damaged_manifest_is_parsed_again(dbt: Dbt, warehouse: Warehouse, damaged: bytes) -> None:
    """It is worth a second, not a night."""
    whole = kept(dbt).stat().st_size
    kept(dbt).write_bytes(damaged)
    dbt.build(MODELS, on(SECOND))

    assert 2 == len(warehouse.rows(BUILT))
    assert kept(dbt).stat().st_size > whole / 2


def test_dates_are_in_no_manifest_of_ours(dbt: Dbt) -> None:
    """Or nothing would ever be kept."""
    assert str(FIRST).encode() not in kept(dbt).read_bytes()
    assert parsed.project_digest(dbt.project_dir) in kept(dbt).name


def test_what_was_begun_ahead_builds_once(dbt: Dbt, warehouse: Warehouse) -> None:
    """While it does, something is done here; the next build has a process of its own."""
    done: list[str] = []
    with dbt.begun({}, lambda: done.append("meanwhile")) as begun:
        begun.build(MODELS, on(SECOND))
        assert begun.ahead is not None
        assert (["meanwhile"], 0) == (done, begun.ahead.process.poll())
        begun.build(MODELS, on(FIRST))

    assert ["meanwhile"] == done
    assert [(FIRST, "ann"), (SECOND, "bob")] == [tuple(row[:2]) for row in warehouse.rows(BUILT)]


def test_what_was_begun_before_a_change_builds_nothing(dbt: Dbt, warehouse: Warehouse) -> None:
    """It has read what was parsed before; so it is ended, and another builds what is there now."""
    done: list[str] = []
    with dbt.begun({}, lambda: done.append("meanwhile")) as begun:
        model = dbt.project_dir / f"models/trial/marts/{made_population.FEATURES}.sql"
        model.write_text(model.read_text().replace("    fee_eur", "    fee_eur * 2 as fee_eur"))
        begun.build(MODELS, on(FIRST))

    assert [] == done
    assert [(FIRST, "ann", 19.0)] == [tuple(row) for row in warehouse.rows(BUILT)]


def test_what_was_begun_ahead_fails_as_any_build(dbt: Dbt) -> None:
    """With what dbt says, and no other words."""
    told = []
    with dbt.begun({}, lambda: None) as begun:
        for each in (begun, dbt):
            with pytest.raises(DbtFailed) as caught:
                each.build("+fct_nothing", on(FIRST))
            told.append((caught.value.message, caught.value.next_step))

    assert told[0] == told[1]
