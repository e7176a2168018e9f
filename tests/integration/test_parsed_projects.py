"""dbt with a manifest that was parsed before builds what it builds when it parses."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from pipelines.adapters.dbt import parsed
from pipelines.adapters.dbt.project import Dbt
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.settings import ROOT

FIRST, SECOND = date(2026, 6, 1), date(2026, 6, 2)
MODELS = "+fct_telco_features +fct_telco_labels"
BUILT = "select as_of, customer_id, monthly_charge_usd from analytics.fct_telco_features order by 1"
KNOWN_ON = {"ann": "2026-05-31", "bob": "2026-06-01"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The part of our project that is built fastest, there to be changed."""
    others = shutil.ignore_patterns("subscribers", "retail", "target", "logs")

    return shutil.copytree(ROOT / "dbt_project", tmp_path / "project", ignore=others)


@pytest.fixture
def dbt(project: Path, warehouse: Warehouse, tmp_path: Path) -> Dbt:
    """That project, built for the first of two dates, each with a file of its own."""
    for name, day in KNOWN_ON.items():
        warehouse.execute(
            "insert into raw.telco_customers (customer_id, tenure, monthly_charges, churn, "
            "loaded_at) values (:name, 3, 9.5, 'No', cast(:day as timestamptz))",
            {"name": name, "day": f"{day}T12:00Z"},
        )
    made = Dbt(project, warehouse.url, "analytics", tmp_path / "state")
    made.build(MODELS, on(FIRST))

    return made


def on(as_of: date) -> dict[str, object]:
    """Return the variables of a date."""
    return {"as_ofs": [str(as_of)], "known_at": str(as_of)}


def kept(dbt: Dbt) -> Path:
    """Return the one manifest there is."""
    (path,) = dbt.state.glob("parsed-*.msgpack")

    return path


def test_another_date_is_built_without_parsing(dbt: Dbt, warehouse: Warehouse) -> None:
    """The date is the call's own, the rows are those of a parse, and the file is not rewritten."""
    before = kept(dbt).stat().st_mtime_ns
    dbt.build(MODELS, on(SECOND))
    built = warehouse.rows(BUILT)
    assert before == kept(dbt).stat().st_mtime_ns
    assert [(FIRST, "ann"), (SECOND, "bob")] == [tuple(row[:2]) for row in built]

    anew = Dbt(dbt.project_dir, warehouse.url, "analytics", dbt.state.with_name("anew"))
    for as_of in (FIRST, SECOND):
        anew.build(MODELS, on(as_of))
    assert built == warehouse.rows(BUILT)


def test_a_changed_model_is_built_as_it_is_now(dbt: Dbt, warehouse: Warehouse) -> None:
    """In the very next call."""
    model = dbt.project_dir / "models/telco/staging/stg_telco__customers.sql"
    text = model.read_text()
    assert text.count("monthly_charges") == 1
    model.write_text(text.replace("monthly_charges", "monthly_charges * 2"))
    dbt.build(MODELS, on(FIRST))

    assert [(FIRST, "ann", 19.0)] == [tuple(row) for row in warehouse.rows(BUILT)]


@pytest.mark.parametrize("damaged", [b"", b"\x80", b"\x00\xff" * 99])
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
