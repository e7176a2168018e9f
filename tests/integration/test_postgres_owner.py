"""Who owns the databases: nobody who may do more than that, and of a server of before too."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pipelines.adapters.local import postgres
from pipelines.adapters.local.postgresql import owner, programs
from pipelines.adapters.service.night_figures import NightFigures
from pipelines.adapters.warehouse import migrations
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.settings import ROOT

MIGRATIONS = ROOT / "sql" / "migrations"
NOT_FOR_AN_OWNER = (
    "copy (select 1) to program 'true'",
    "copy (select 1) to '/tmp/churn-owner'",
    "select pg_read_file('postgresql.conf')",
    "select lo_import('/etc/passwd')",
    "select rolpassword from pg_authid",
    "alter system set work_mem = '1GB'",
    "alter role current_user superuser",
    "set session authorization churn",
    "set role churn",
    "grant pg_read_server_files to current_user",
    "grant pg_execute_server_program to current_user",
    "create role mine superuser",
    "create database mine",
    "set session_replication_role to replica",
)
AUDITED = "insert into churn.audit_log (command, subject) values ('run', 'a night')"
# Whatever is not the system's and not the owner's.
STRANGE = """
with ours as (
  select oid from pg_namespace where nspname !~ '^(pg_|information_schema)'
)

select relname::text from pg_class
where relowner = 'churn'::regrole and relnamespace in (select oid from ours)
union all
select proname::text from pg_proc
where proowner = 'churn'::regrole and pronamespace in (select oid from ours)
union all
select nspname::text from pg_namespace
where nspowner = 'churn'::regrole and oid in (select oid from ours)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A state folder, and its server until the test ends."""
    with tempfile.TemporaryDirectory(prefix="churn-owner-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        postgres.start(home, is_durable=False)
        yield home
        postgres.stop(home)


def of_before(home: Path) -> str:
    """Make the server what it was: without an owner, everything its superuser's; return its URL."""
    url = postgres.superuser_url(home)
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        for name in postgres.DATABASES:
            connection.execute(f"alter database {name} owner to churn")
        connection.execute(f"drop role {owner.NAME}")
    postgres.owner_password(postgres.state_folder(home)).unlink()

    return url


@pytest.mark.parametrize("statement", NOT_FOR_AN_OWNER)
def test_owns_the_databases_and_nothing_else(server_home: Path, statement: str) -> None:
    """Neither files, nor programs, nor other users, nor the server are the owner's."""
    url = postgres.start(server_home)
    with psycopg.connect(f"{url}/churn", autocommit=True) as connection:
        assert [("churn_owner", False)] == connection.execute(
            "select rolname, rolsuper from pg_roles where rolname = session_user"
        ).fetchall()
        connection.execute("create schema mine; drop schema mine")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_a_server_of_before_is_handed_over(home: Path) -> None:
    """With every table, function, type and right in it; the next migration and the lists go on."""
    url = of_before(home)
    warehouse = Warehouse(f"{url}/churn")
    migrations.apply(warehouse, MIGRATIONS)
    warehouse.execute("select churn.make_scores_partition('2026-12-31')")
    warehouse.execute(AUDITED)
    warehouse.engine.dispose()
    with psycopg.connect(f"{url}/mlflow") as connection:
        connection.execute(
            "create table runs (run_id serial primary key, name text); create view named as "
            "select name from runs; create type kind as enum ('a'); create sequence counted; "
            "insert into runs (name) values ('kept')"
        )

    warehouse = Warehouse(f"{postgres.start(home)}/churn")

    for database in postgres.DATABASES:
        with psycopg.connect(f"{url}/{database}") as connection:
            assert [] == connection.execute(STRANGE).fetchall()
    assert [] == migrations.apply(warehouse, MIGRATIONS)
    warehouse.execute("select churn.make_scores_partition('2027-01-31')")
    warehouse.execute(AUDITED)
    warehouse.execute("create table churn.added (a int)")
    warehouse.execute("set role churn_pipeline")
    assert [(True, True)] == warehouse.rows(
        "select has_table_privilege('churn_analyst', 'churn.added', 'select'), "
        "not has_table_privilege('churn_analyst', 'churn.locks', 'select')"
    )
    warehouse.engine.dispose()
    with psycopg.connect(f"{postgres.start(home)}/mlflow") as connection:
        connection.execute("insert into runs (name) values ('added')")
        assert [("kept",), ("added",)] == connection.execute("select * from named").fetchall()


def test_users_of_compose(home: Path) -> None:
    """As its service makes them, twice: each owns one database and connects to no other."""
    url = of_before(home)
    binaries = programs.folder(postgres.state_folder(home))
    names = {
        "churn_owner": ("churn", "CHURN_OWNER_PASSWORD"),
        "churn_airflow": ("airflow", "AIRFLOW_POSTGRES_PASSWORD"),
        "churn_mlflow": ("mlflow", "MLFLOW_POSTGRES_PASSWORD"),
    }
    secrets = {variable: f"secret{user}" for user, (_, variable) in names.items()}
    for _ in range(2):
        done = subprocess.run(
            [binaries / "psql", "--no-psqlrc", "--quiet", f"--dbname={url}/churn",
             f"--file={ROOT / 'sql' / 'setup' / 'users.psql'}"],
            env={**os.environ, **secrets}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (0, "") == (done.returncode, done.stderr)

    server = url.rpartition("@")[2]
    for user, (own, variable) in names.items():
        login = f"postgresql://{user}:{secrets[variable]}@{server}"
        with psycopg.connect(f"{login}/{own}") as connection:
            connection.execute("create schema mine")
        for other in {"airflow", "mlflow"} - {own}:
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                psycopg.connect(f"{login}/{other}")
    owner = Warehouse(f"postgresql://churn_owner:{secrets['CHURN_OWNER_PASSWORD']}@{server}/churn")
    assert [path.name for path in sorted(MIGRATIONS.glob("*.sql"))] == migrations.apply(
        owner, MIGRATIONS
    )
    owner.engine.dispose()
    variable = "CHURN_WATCH_PASSWORD"
    secrets[variable] = f"secret{variable}"
    for _ in range(2):
        done = subprocess.run(
            [binaries / "psql", "--no-psqlrc", "--quiet", f"--dbname={owner.url}",
             f"--file={ROOT / 'sql' / 'setup' / 'watcher.psql'}"],
            env={**os.environ, **secrets},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (0, "") == (done.returncode, done.stderr)
    login = f"postgresql://churn_watch:{secrets[variable]}@{server}/churn"
    watcher = Warehouse(login)
    assert [] == NightFigures(watcher).samples()
    watcher.engine.dispose()
    with (
        psycopg.connect(login) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("select 1 from churn.scores")
