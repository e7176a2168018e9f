"""An audit trail to which rows are only ever added, and which shows when somebody found a way."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from pipelines.adapters.warehouse import audit_log
from pipelines.adapters.warehouse.audit_log import WarehouseAudit
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.errors import AuditBroken

CHANGES = (
    "update churn.{} set audit_id = 9",
    "delete from churn.{}",
    "delete from churn.{} where false",
    "truncate churn.{}",
    "truncate churn.audit_log, churn.erasures",
    "merge into churn.{} as mine using (select 1) on true when matched then delete",
)


@pytest.fixture
def written(warehouse: Warehouse) -> Warehouse:
    """A warehouse with three entries and one tombstone."""
    for number in range(3):
        with warehouse.begin() as connection:
            audit_log.append(
                connection, command="prune", subject="scores", details={"rows": number}
            )
    warehouse.execute("insert into churn.erasures values (sha256('x'), now(), 1)")

    return warehouse


def contents(warehouse: Warehouse) -> list[str]:
    """Return both tables as text."""
    return [
        row[0]
        for name in ("audit_log", "erasures")
        for row in warehouse.rows(f"select line::text from churn.{name} as line order by 1")
    ]


@pytest.mark.parametrize("table", ["audit_log", "erasures"])
@pytest.mark.parametrize("change", CHANGES)
def test_the_owner_cannot_change_it(written: Warehouse, change: str, table: str) -> None:
    """Whatever a statement would do to rows that are there is refused, also as a replica."""
    before = contents(written)
    for role in ("origin", "replica"):
        with psycopg.connect(written.url) as connection:
            connection.execute(f"set session_replication_role = {role}")  # type: ignore[arg-type]
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="rows are only ever"):
                connection.execute(change.format(table))  # type: ignore[arg-type]
            connection.rollback()

    assert len(before) == 4
    assert before == contents(written)


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("churn_pipeline", "update churn.audit_log set actor = 'nobody'"),
        ("churn_pipeline", "delete from churn.erasures"),
        ("churn_pipeline", "insert into churn.erasures values (sha256('y'), now(), 1)"),
        ("churn_pipeline", "alter table churn.audit_log disable trigger append_only"),
        ("churn_loader", "select from churn.audit_log"),
        ("churn_analyst", "select from churn.erasures"),
        ("churn_analyst", "insert into churn.audit_log (command, subject) values ('x', 'y')"),
        ("churn_aggregates", "select from churn.erasures"),
    ],
)
def test_roles_may_do_no_more_than_they_need(written: Warehouse, role: str, statement: str) -> None:
    """Before any trigger is asked, the privilege is not there."""
    with psycopg.connect(written.url) as connection:
        connection.execute(f"set role {role}")  # type: ignore[arg-type]
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"permission|must be owner"):
            connection.execute(statement)  # type: ignore[arg-type]
        connection.rollback()


def test_the_pipeline_adds_and_the_analyst_verifies(written: Warehouse) -> None:
    """An entry is signed by the database: neither who nor when can be made up."""
    with psycopg.connect(written.url) as connection:
        connection.execute("set local role churn_pipeline")
        connection.execute(
            "insert into churn.audit_log (audit_id, happened_at, actor, command, subject, sha256) "
            "values (77, '1999-01-01', 'somebody else', 'prune', 'scores', 'made up')"
        )
    with psycopg.connect(written.url) as connection:
        connection.execute("set local role churn_analyst")
        rows = connection.execute(audit_log.ENTRIES).fetchall()

    assert [(1, True), (2, True), (3, True), (4, True)] == [(row[0], row[-1]) for row in rows]
    assert "somebody else" != rows[-1][2]
    assert 1999 != rows[-1][1].year


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("update churn.audit_log set details = '{\"rows\": 9}' where audit_id = 2", [2]),
        ("update churn.audit_log set actor = 'somebody else' where audit_id = 3", [3]),
        ("update churn.audit_log set happened_at = now() where audit_id = 1", [1]),
        ("delete from churn.audit_log where audit_id = 2", [3]),
        ("delete from churn.audit_log where audit_id = 1", [2, 3]),
    ],
)
def test_who_lifts_the_triggers_is_seen(
    written: Warehouse, tampering: str, broken: list[int]
) -> None:
    """A superuser can switch triggers off; the chain then says where it was rewritten."""
    WarehouseAudit(written).trail().refuse_broken()
    with psycopg.connect(written.url) as connection:
        connection.execute("alter table churn.audit_log disable trigger append_only")
        connection.execute(tampering)  # type: ignore[arg-type]
    trail = WarehouseAudit(written).trail()

    assert broken == [item.audit_id for item in trail.entries if not item.is_intact]
    with pytest.raises(AuditBroken, match=f"first entry {broken[0]}"):
        trail.refuse_broken()


def test_the_command_shows_the_trail_and_refuses_a_broken_one(
    written: Warehouse, tmp_path: Path
) -> None:
    """Exit code 0 with the checksum to keep elsewhere; 27 after somebody rewrote it."""
    environ = {"CHURN_HOME": str(tmp_path), "CHURN_DATABASE_URL": written.url}

    def audit() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [Path(sys.executable).parent / "churn", "audit"],
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
        )

    fine = audit()
    assert 0 == fine.returncode
    assert WarehouseAudit(written).trail().sha256 in fine.stdout

    written.execute("alter table churn.audit_log disable trigger append_only")
    written.execute("update churn.audit_log set subject = 'nothing' where audit_id = 2")
    broken = audit()
    assert 27 == broken.returncode
    assert "not intact" in broken.stdout
    assert "1 of 3 entries of churn.audit_log" in broken.stderr


def test_many_at_once_make_one_chain(warehouse: Warehouse) -> None:
    """Writers wait for each other, and what is rolled back leaves no gap."""

    def write(number: int) -> None:
        with psycopg.connect(warehouse.url) as connection:
            connection.execute(
                "insert into churn.audit_log (command, subject) "
                "values ('prune', %s), ('prune', %s)",
                [f"first {number}", f"second {number}"],
            )
            if number % 3 == 0:
                connection.rollback()

    threads = [threading.Thread(target=write, args=[number]) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    trail = WarehouseAudit(warehouse).trail()

    trail.refuse_broken()
    assert list(range(1, 17)) == [item.audit_id for item in trail.entries]
