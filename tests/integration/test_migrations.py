"""Migrations run once each, in order, whole."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from pipelines.adapters.warehouse import migrations
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.errors import DatabaseUnavailable, RunLocked
from pipelines.settings import ROOT

MIGRATIONS = ROOT / "sql" / "migrations"


@pytest.fixture
def unmigrated(server_url: str) -> Iterator[Warehouse]:
    """A database of this test's own without any table."""
    with psycopg.connect(f"{server_url}/postgres", autocommit=True) as connection:
        connection.execute("create database unmigrated")
        fresh = Warehouse(f"{server_url}/unmigrated")
        yield fresh
        fresh.engine.dispose()
        connection.execute("drop database unmigrated with (force)")


def migrate_before(warehouse: Warehouse, first_left_out: str, folder: Path) -> None:
    """Apply the migrations a program had before *first_left_out* came, by way of *folder*."""
    for path in MIGRATIONS.glob("*.sql"):
        if path.name < first_left_out:
            shutil.copy(path, folder)
    assert (folder / "0001_raw.sql").exists()
    assert not (folder / first_left_out).exists()
    migrations.apply(warehouse, folder)


def test_a_second_time_applies_nothing(warehouse: Warehouse) -> None:
    """What the fixture applied is not applied again."""
    assert [] == migrations.apply(warehouse, MIGRATIONS)


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


def test_deliveries_kept_in_columns_become_rows(unmigrated: Warehouse, tmp_path: Path) -> None:
    """Of a database of before: what went out stays out, and errors go to their channels."""
    migrate_before(unmigrated, "0009_deliveries.sql", tmp_path)
    mail, slack = "e-mail: SSLCertVerificationError bad; worse", "Slack: HTTP status 500"
    at_five, at_six = datetime(2026, 3, 10, 5, tzinfo=UTC), datetime(2026, 3, 10, 6, tzinfo=UTC)
    alerts = [
        ("a both", at_five, at_six, None),
        ("b neither", None, None, None),
        ("c mail", at_five, None, slack),
        ("d slack", None, at_six, mail),
        ("e none", None, None, f"{mail}; {slack}"),
        ("f no slack", at_five, None, None),
        ("g no mail", None, None, slack),
        ("h killed before the text was renewed", at_five, at_six, f"{mail}; {slack}"),
    ]
    with unmigrated.begin() as connection:
        connection.execute(
            sa.text(
                "insert into churn.alerts (population, as_of, kind, severity, title, body, owner, "
                "created_at, emailed_at, slacked_at, delivery_error) "
                "values ('p', '2026-03-10', :kind, 'info', 't', 'b', 'o', '2026-03-10 04:00Z', "
                ":emailed_at, :slacked_at, :error)"
            ),
            [
                dict(zip(("kind", "emailed_at", "slacked_at", "error"), alert, strict=True))
                for alert in alerts
            ],
        )
    before = unmigrated.rows("select alert_id, kind, created_at from churn.alerts order by 1")
    assert len(alerts) == len(before)
    assert "0009_deliveries.sql" in migrations.apply(unmigrated, MIGRATIONS)

    assert before == unmigrated.rows(
        "select alert_id, kind, created_at from churn.alerts order by 1"
    )
    assert [
        ("a both", "email", 5, None),
        ("a both", "slack", 6, None),
        ("c mail", "email", 5, None),
        ("c mail", "slack", 4, slack),
        ("d slack", "email", 4, mail),
        ("d slack", "slack", 6, None),
        ("e none", "email", 4, mail),
        ("e none", "slack", 4, slack),
        ("f no slack", "email", 5, None),
        ("g no mail", "slack", 4, slack),
        ("h killed before the text was renewed", "email", 5, None),
        ("h killed before the text was renewed", "slack", 6, None),
    ] == unmigrated.rows(
        "select kind, channel, extract(hour from attempted_at at time zone 'UTC')::integer, error "
        "from churn.alerts inner join churn.alert_deliveries using (alert_id) order by 1, 2"
    )


def test_who_is_in_the_way_is_named(warehouse: Warehouse, tmp_path: Path) -> None:
    """A reader in a transaction does not keep a migration waiting for ever; nothing is applied."""
    (tmp_path / "0100_before.sql").write_text("create table churn.before (a int)")
    (tmp_path / "0101_column.sql").write_text("alter table churn.alerts add column added text")
    url = sa.make_url(warehouse.url).update_query_dict({"application_name": "somebody"})

    with psycopg.connect(url.render_as_string(hide_password=False)) as reader:
        reader.execute("select count(*) from churn.alerts")
        with pytest.raises(RunLocked) as refused:
            migrations.apply(warehouse, tmp_path, patience_seconds=2)

    assert refused.value.message.startswith("churn migrate waited 2 s for somebody of ")
    assert refused.value.message.endswith(" UTC; nothing was changed")
    assert [(None,)] == warehouse.rows("select to_regclass('churn.before')")
    assert ["0100_before.sql", "0101_column.sql"] == migrations.apply(warehouse, tmp_path)


def test_two_at_once_apply_everything_once(unmigrated: Warehouse) -> None:
    """Also in a database without a ledger; the one that waited finds nothing left to do."""
    others = [Warehouse(unmigrated.url) for _ in range(4)]
    with ThreadPoolExecutor(len(others)) as threads:
        applied = list(threads.map(lambda other: migrations.apply(other, MIGRATIONS), others))
    for other in others:
        other.engine.dispose()

    names = [name for one in applied for name in one]
    assert sorted(path.name for path in MIGRATIONS.glob("*.sql")) == names
    assert ([], []) == migrations.differences(unmigrated, MIGRATIONS)
