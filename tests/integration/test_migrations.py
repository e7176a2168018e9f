"""Migrations run once each, in order, whole."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from pipelines.adapters.warehouse import migrations
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.errors import DatabaseUnavailable
from pipelines.settings import ROOT


def test_a_second_time_applies_nothing(warehouse: Warehouse) -> None:
    """What the fixture applied is not applied again."""
    assert [] == migrations.apply(warehouse, ROOT / "sql" / "migrations")


def test_a_new_file_is_applied_and_a_broken_one_leaves_nothing(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """A file that fails halfway takes its first half, and the files before it in the run, back."""
    (tmp_path / "0100_good.sql").write_text("create table churn.good (a int)")
    (tmp_path / "0101_bad.sql").write_text("create table churn.half (a int); select nonsense")

    with pytest.raises(sa.exc.ProgrammingError):
        migrations.apply(warehouse, tmp_path)
    assert [(None, None)] == warehouse.rows(
        "select to_regclass('churn.good'), to_regclass('churn.half')"
    )

    (tmp_path / "0101_bad.sql").unlink()
    assert ["0100_good.sql"] == migrations.apply(warehouse, tmp_path)


def test_a_file_that_changed_after_it_was_applied_is_refused(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """History is not rewritten."""
    path = tmp_path / "0100_table.sql"
    path.write_text("create table churn.first (a int)")
    migrations.apply(warehouse, tmp_path)

    path.write_text("create table churn.second (a int)")
    with pytest.raises(DatabaseUnavailable, match=r"0100_table\.sql was applied as"):
        migrations.apply(warehouse, tmp_path)
