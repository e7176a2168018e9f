"""A business made once a run by command, at rest; whoever needs one works on a copy of it."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from pipelines.adapters.local import postgres
from pipelines.adapters.warehouse.connection import Warehouse
from tests.e2e.churn_home import LOGISTIC, NO_ALIBI, UNWATCHED, ChurnHome, ended

CUSTOMERS, MONTHS = 2400, 14
UNTIL = date(2026, 10, 2)  # as far as there are records
EARLIER, NIGHT = UNTIL - timedelta(days=2), UNTIL - timedelta(days=1)  # published, one a month
NAME, EMAIL, ID = "Karla Kanarienvogel", "karla@canary.example", "CANARY-4711"
RAW = ("customers", "subscriptions", "invoices", "usage_events", "support_tickets")
SAID = "said"
ANY_PORT = "0"


def made(home: Path, families: Mapping[str, str] = LOGISTIC) -> ChurnHome:
    """
    Fill an empty folder by command: customers, a champion, two nights; its server is stopped.

    The champion is of one of *families*, lines of churn.toml that are changed.

    One customer, who stays all the time, is called NAME, EMAIL and ID from the first day. What the
    commands said from then on is in the file SAID beside the folder.
    """
    churn_home = ChurnHome(home)
    churn_home.configure({**families, **NO_ALIBI, **UNWATCHED})
    with ended(home):
        server_url = postgres.start(home, is_durable=False)
        churn_home.churn("migrate")
        churn_home.churn(
            *("load-demo", "--customers", CUSTOMERS, "--months", MONTHS, "--as-of", UNTIL)
        )
        warehouse = Warehouse(f"{server_url}/churn")
        _name_the_canary(warehouse)
        warehouse.engine.dispose()

        latest = EARLIER - timedelta(days=30)
        first = latest - timedelta(days=240)
        commands: list[tuple[object, ...]] = [
            *(("backfill", "--from", first, "--to", latest, "--every", 30, "--as-of", EARLIER),),
            *(("train", "--as-of", EARLIER), ("run", "--as-of", EARLIER, "--until", NIGHT)),
            ("runs",),
        ]
        spoken = []
        for command in commands:
            done = churn_home.run(*command)
            assert done.returncode == 0, done.stderr
            spoken += [done.stdout, done.stderr]
    said = "\n".join(spoken)
    assert "is champion" in said
    home.with_name(f"{home.name}.{SAID}").write_text(said, "utf-8")

    return churn_home


def _name_the_canary(warehouse: Warehouse) -> None:
    """Give a customer with rows in every table, and no end, a name that can be looked for."""
    ((customer,),) = warehouse.rows(
        "select customer_id from raw.subscriptions "
        f"where {' and '.join(f'customer_id in (select customer_id from raw.{n})' for n in RAW)} "
        "group by 1 having count(ended_at) = 0 order by min(started_at), 1 limit 1"
    )
    for name in RAW:
        change = f"update raw.{name} set customer_id = :canary where customer_id = :id"
        assert warehouse.execute(change, {"canary": ID, "id": customer}) > 0
    warehouse.execute(
        "update raw.customers set full_name = :name, email = :email where customer_id = :id",
        {"name": NAME, "email": EMAIL, "id": ID},
    )


@contextlib.contextmanager
def copy_of(home: Path) -> Iterator[ChurnHome]:
    """Have a copy of the installation in *home*, which is at rest; its server runs."""
    with tempfile.TemporaryDirectory(prefix="churn-e2e-") as folder:
        copy = Path(folder)
        copy.chmod(0o755)
        with ended(copy, is_removed=True):
            copied(home, copy, is_durable=False)
            yield ChurnHome(copy)


def copied(before: Path, after: Path, *, is_durable: bool) -> None:
    """
    Copy an installation, whose server is not running, to the empty folder *after*; start that.

    Args:
        before: Its state folder.
        after: That of the copy.
        is_durable: Whether what the copy commits waits for the disk.
    """
    folders = {before: after}
    state = postgres.state_folder(before)
    if not state.is_relative_to(before):
        folders[state] = postgres.state_folder(after)
    for source, target in folders.items():
        _copy(source, target)
    # Of its own: while this copy's server is down, another copy of the same would take the port
    # they both had from it, and with their one password be asked in this one's place.
    (postgres.state_folder(after) / "port").write_text(ANY_PORT)
    server_url = postgres.start(after, is_durable=is_durable)
    _move_artefacts(server_url, str(before), str(after))


def _copy(source: Path, target: Path) -> None:
    """Copy a folder with its owners: the server refuses data that is not its user's."""
    shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
    for folder, _, names in os.walk(source):
        for path in (Path(folder), *(Path(folder, name) for name in names)):
            owner = path.stat(follow_symlinks=False)
            copy = target / path.relative_to(source)
            os.chown(copy, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _move_artefacts(server_url: str, before: str, after: str) -> None:
    """Let MLflow find the copied artefacts, not those they were copied from."""
    columns = (
        "select table_name, column_name from information_schema.columns "
        "where table_schema = 'public' and data_type in ('text', 'character varying') "
        "and (column_name like '%%uri' or column_name like '%%location' or column_name = 'source')"
    )
    with psycopg.connect(f"{server_url}/mlflow", autocommit=True) as connection:
        moved = 0
        for table, column in connection.execute(columns).fetchall():
            update = SQL("update {} set {} = replace({}, {}, {}) where {} like {}").format(
                *(Identifier(table), Identifier(column), Identifier(column)),
                *(Literal(before), Literal(after)),
                *(Identifier(column), Literal(f"%{before}%")),
            )
            moved += connection.execute(update).rowcount
    assert moved > 0
