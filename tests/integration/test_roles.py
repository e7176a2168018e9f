"""Who may do what, tried by users of the database who are each a member of one role alone."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from typer.main import get_command

from pipelines.adapters.gates.suites import SuiteFolder
from pipelines.adapters.gates.validator import Gx
from pipelines.adapters.warehouse import connection_options, migrations
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.cli.command import app
from pipelines.domain.gates.batch import Batch
from pipelines.errors import DatabaseUnavailable, RoleMissing
from pipelines.settings import ROOT
from pipelines.wiring.database_roles import ROLE_OF
from tests import made_population

ROLES = ("loader", "pipeline", "trainer", "analyst", "aggregates", "service")
MIGRATIONS = ROOT / "sql" / "migrations"
DENIED = "42501"
NOT_UPDATABLE = "55000"

Users = Mapping[str, psycopg.Connection]

# s: reads every column, c: reads some, i, u, d: inserts, updates, deletes; nobody truncates.
#                               loader  pipeline trainer analyst aggregates service
RIGHTS = {
    "raw.customers":            ("ci",  "s",     "c",    "",     "",         ""),
    "raw.subscriptions":        ("ci",  "s",     "s",    "",     "",         ""),
    "raw.invoices":             ("ci",  "s",     "s",    "",     "",         ""),
    "raw.usage_events":         ("ci",  "s",     "s",    "",     "",         ""),
    "raw.support_tickets":      ("ci",  "s",     "s",    "",     "",         ""),
    "raw.telco_customers":      ("ci",  "s",     "s",    "",     "",         ""),
    "raw.retail_invoice_lines": ("ci",  "s",     "s",    "",     "",         ""),
    "raw.loads":                ("si",  "s",     "s",    "",     "",         ""),
    "raw.quarantine":           ("i",   "s",     "s",    "",     "",         ""),
    "raw.shop__orders":         ("ci",  "s",     "s",    "",     "",         ""),
    "churn.feature_contracts":  ("",    "siu",   "s",    "s",    "",         ""),
    "churn.feature_builds":     ("",    "siu",   "s",    "s",    "",         ""),
    "churn.score_runs":         ("",    "siu",   "s",    "s",    "s",        "s"),
    "churn.scores":             ("",    "sid",   "s",    "s",    "",         ""),
    "churn.scores_2026_12":     ("",    "",      "",     "s",    "",         ""),
    "churn.gate_results":       ("",    "si",    "s",    "s",    "s",        ""),
    "churn.drift_checks":       ("",    "sid",   "s",    "s",    "",         ""),
    "churn.drift_verdicts":     ("",    "siu",   "s",    "s",    "s",        ""),
    "churn.outcomes":           ("",    "sid",   "s",    "s",    "",         ""),
    "churn.model_performance":  ("",    "sid",   "s",    "s",    "s",        "s"),
    "churn.outcome_findings":   ("",    "sid",   "s",    "s",    "s",        ""),
    "churn.loop_decisions":     ("",    "siu",   "s",    "s",    "s",        ""),
    "churn.retrainings":        ("",    "s",     "s",    "s",    "s",        ""),
    "churn.model_promotions":   ("",    "s",     "si",   "s",    "",         "s"),
    "churn.alerts":             ("",    "siu",   "siu",  "s",    "",         ""),
    "churn.alert_deliveries":   ("",    "siud",  "sd",   "s",    "",         ""),
    "churn.audit_log":          ("",    "si",    "si",   "s",    "",         ""),
    "churn.locks":              ("siu", "siu",   "siu",  "",     "",         ""),
    "churn.erasures":           ("s",   "s",     "s",    "",     "",         ""),
    "churn.scores_published":   ("",    "s",     "s",    "s",    "",         "s"),
    "churn.scores_current":     ("",    "s",     "s",    "s",    "",         "s"),
    "churn.refused_rows":       ("",    "s",     "s",    "s",    "",         ""),
    "churn.tier_changes":       ("",    "s",     "s",    "s",    "",         ""),
    "churn.score_moves":        ("",    "s",     "s",    "s",    "",         "s"),
    "churn.tier_worth":         ("",    "s",     "s",    "s",    "",         ""),
    "churn.model_history":      ("",    "s",     "s",    "s",    "s",        ""),
    "churn.champions":          ("",    "s",     "s",    "s",    "",         "s"),
    "churn.risk_summary":       ("",    "s",     "s",    "s",    "s",        ""),
    "analytics.built":          ("",    "siudt", "s",    "s",    "",         ""),
    "analytics.of_raw":         ("",    "s",     "s",    "",     "",         ""),
    "churn.api_keys":           ("",    "",      "",     "",     "",         ""),
    "churn.api_key_hours":      ("",    "",      "",     "",     "",         ""),
    "churn.token_subjects":     ("",    "",      "",     "",     "",         ""),
    "churn.token_subject_hours": ("",   "",      "",     "",     "",         ""),
    "churn.served_requests":    ("",    "",      "",     "s",    "",         ""),
    "churn.served_predictions": ("",    "s",     "",     "s",    "",         ""),
    "churn.trial_results":      ("",    "sid",   "s",    "s",    "s",        "s"),
    "churn.list_worth":         ("",    "s",     "s",    "s",    "s",        ""),
    "churn.open_alerts":        ("",    "s",     "s",    "s",    "s",        ""),
    "churn.service_secret":     ("",    "",      "",     "",     "",         ""),
    "churn.online_functions":   ("",    "siu",   "",     "s",    "",         "s"),
    "public.churn_migrations":  ("s",   "s",     "s",    "s",    "s",        "s"),
}  # fmt: skip

# Who may do what is not a privilege on a table.
DEEDS: dict[str, set[str]] = {
    "select email, full_name from raw.customers": {"pipeline"},
    "select customer_id, country, loaded_at from raw.customers": {"pipeline", "trainer"},
    "select churn.make_scores_partition('2027-01-31')": {"pipeline"},
    "create temporary table mine (a integer)": {"loader", "pipeline", "trainer"},
    "select churn.make_declared_table('shop__refunds', '{customer_id}', '{text}')": {"loader"},
    "select churn.index_declared_table('shop__orders', null)": {"loader"},
    "select churn.make_declared_table('shop__orders', '{customer_id,paid}', '{text,boolean}')": {
        "loader"
    },
    "select churn.admit_request('x', 'published', 'subscribers')": {"service"},
    "select churn.admit_requests('{x}', '{published}', '{subscribers}', '{1}')": {"service"},
    "select churn.admit_subject('desk', 1)": {"service"},
    "select churn.record_requests('[]')": {"service"},
    "select churn.tiers_in_list(1, '2026-12-01', '{C1}')": {"service"},
    "select churn.record_predictions('[]')": {"service"},
    "create table analytics.mine as select 1 as a": {"pipeline"},
    "create schema mine": {"trainer"},
    "create function online.mine() returns integer language sql return 1": {"pipeline"},
    "create table raw.mine (a integer)": set(),
    "create table churn.mine (a integer)": set(),
    "create table public.mine (a integer)": set(),
    "create view churn.mine as select 1 as a": set(),
    "create function churn.mine() returns integer language sql return 1": set(),
    "drop table churn.alerts": set(),
    "drop table churn.scores_2026_12": set(),
    "drop view churn.scores_current": set(),
    "drop table public.churn_migrations": set(),
    "drop table raw.customers": set(),
    "drop schema churn cascade": set(),
    "drop schema analytics cascade": set(),
    "drop table analytics.built": {"pipeline"},
    "alter table churn.score_runs disable trigger all": set(),
    "alter table churn.scores owner to current_user": set(),
    "alter function churn.make_scores_partition(date) security invoker": set(),
    "create trigger mine before insert on churn.alerts "
    "for each row execute function suppress_redundant_updates_trigger()": set(),
    "alter role current_user superuser": set(),
    "create role mine": set(),
    "grant churn_pipeline to churn_analyst": set(),
    "set session authorization churn": set(),
    "set role churn": set(),
    **{f"set role churn_{role}": {role} for role in ROLES},
    "select rolpassword from pg_authid": set(),
    "select pg_read_file('postgresql.conf')": set(),
    "select pg_ls_dir('.')": set(),
    "select lo_import('/etc/passwd')": set(),
    "copy (select 1) to program 'true'": set(),
    "copy churn.alerts from program 'true'": set(),
    "copy (select 1) to '/tmp/mine'": set(),
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'churn'": set(),
    "select pg_reload_conf()": set(),
    "set session_replication_role to replica": set(),
}


@pytest.fixture(scope="module")
def users(server_url: str) -> Iterator[Users]:
    """One user a role, in a migrated warehouse in which the pipeline has built something."""
    name = "roles"
    with psycopg.connect(f"{server_url}/postgres", autocommit=True) as owner:
        owner.execute(f"create database {name}")
        warehouse = Warehouse(f"{server_url}/{name}")
        migrations.apply(warehouse, MIGRATIONS)
        opened = {}
        address = server_url.rpartition("@")[2]
        for role in ROLES:
            owner.execute(f"create user only_{role} password 'x' in role churn_{role}")
            opened[role] = psycopg.connect(f"postgresql://only_{role}:x@{address}/{name}")

        with psycopg.connect(
            connection_options.configured(warehouse.url, role="churn_pipeline")
        ) as pipeline:
            pipeline.execute("select churn.make_scores_partition('2026-12-31')")
            pipeline.execute("set role churn_loader")
            pipeline.execute(
                "select churn.make_declared_table('shop__orders', '{customer_id}', '{text}')"
            )
            pipeline.execute("set role churn_pipeline")
            pipeline.execute("create table analytics.built as select 1 as a")
            pipeline.execute(
                "create view analytics.of_raw with (security_invoker = true) "
                "as select customer_id from raw.customers group by customer_id"
            )
        with psycopg.connect(warehouse.url):  # somebody whose session others would like to end
            yield opened

        for connection in opened.values():
            connection.close()
        warehouse.engine.dispose()
        owner.execute(f"drop database {name} with (force)")
        for role in ROLES:
            owner.execute(f"drop user only_{role}")


RELATIONS = """
select format('%s.%s', namespace.nspname, relation.relname) as name, relation.relkind
from pg_class as relation
inner join pg_namespace as namespace on relation.relnamespace = namespace.oid
where
  relation.relkind in ('r', 'p', 'v', 'm', 'f')
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
"""

# A column that may be updated, which an identity never is; `regclass` would need the schema.
COLUMN = """
select min(attribute.attname)
from pg_attribute as attribute
inner join pg_class as relation on attribute.attrelid = relation.oid
inner join pg_namespace as namespace on relation.relnamespace = namespace.oid
where
  format('%%s.%%s', namespace.nspname, relation.relname) = %s
  and attribute.attnum > 0
  and attribute.attidentity = ''
  and not attribute.attisdropped
"""


def code(user: psycopg.Connection, statement: str) -> str | None:
    """Return the SQLSTATE a statement ends with, or None; nothing it did is kept."""
    try:
        user.execute(statement)
    except psycopg.Error as error:
        return error.sqlstate
    finally:
        user.rollback()

    return None


def rights(user: psycopg.Connection, table: str, *, is_view: bool) -> str:
    """Return what *user* may do with *table*, one letter a right, each found out by doing it."""
    ((column,),) = user.execute(COLUMN, [table]).fetchall()
    writes = {
        "i": f"insert into {table} default values",
        "u": f"update {table} set {column} = null where false",
        "d": f"delete from {table} where false",
        "t": f"truncate {table}",
    }
    reads = [
        letter
        for letter, what in (("s", "*"), ("c", ""))
        if code(user, f"select {what} from {table}") != DENIED
    ]
    if is_view:
        assert {code(user, writes[letter]) for letter in "iud"} <= {DENIED, NOT_UPDATABLE}
        return "".join(reads[:1])

    # A row of nothing but defaults is refused by a constraint, if privileges let it come so far.
    return "".join(
        [*reads[:1], *(letter for letter in writes if code(user, writes[letter]) != DENIED)]
    )


def test_every_table_and_view_is_in_the_matrix(users: Users) -> None:
    """A new table needs a decision on who may do what with it."""
    assert set(RIGHTS) == {name for name, _ in users["pipeline"].execute(RELATIONS)}
    users["pipeline"].rollback()


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_it_needs_with_tables_and_nothing_else(
    users: Users, role: str
) -> None:
    """Every right on every table, found out by a statement; a denied one ends with 42501."""
    kinds = dict(users[role].execute(RELATIONS).fetchall())
    users[role].rollback()
    actual = {table: rights(users[role], table, is_view=kinds[table] == "v") for table in RIGHTS}

    assert {table: of_roles[ROLES.index(role)] for table, of_roles in RIGHTS.items()} == actual


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_the_deeds_it_needs_and_no_others(users: Users, role: str) -> None:
    """Roads to more than a role has, and to the machine below the database, are closed."""
    actual = {deed: code(users[role], deed) for deed in DEEDS}

    assert {deed: None if role in may else DENIED for deed, may in DEEDS.items()} == actual


def test_the_loader_gathers_statistics(warehouse: Warehouse) -> None:
    """Without the right to, `analyze` only warns, and the planner knows nothing of what came."""
    loader = Warehouse(connection_options.configured(warehouse.url, role="churn_loader"))
    loader.execute(
        "insert into raw.customers (customer_id, signed_up_at, loaded_at) "
        "select number::text, now(), now() from generate_series(1, 1000) as number"
    )
    loader.execute("analyze raw.customers")
    loader.engine.dispose()

    assert [(1000.0,)] == warehouse.rows(
        "select reltuples from pg_class where oid = 'raw.customers'::regclass"
    )


def test_what_the_pipeline_builds_tomorrow_is_read_by_analyst_and_trainer(users: Users) -> None:
    """The right to read came with the table, which did not exist when rights were granted."""
    assert {"trainer", "analyst"} == {
        role
        for role in ROLES
        if role != "pipeline" and code(users[role], "select * from analytics.built") is None
    }


def test_every_command_has_a_role() -> None:
    """The table of commands is complete, and names roles there are."""
    commands = getattr(get_command(app), "commands", {})

    assert set(commands) == set(ROLE_OF)
    assert {f"churn_{role}" for role in ROLES} >= set(ROLE_OF.values()) - {None}


def test_a_user_without_the_role_is_told_which_one(users: Users) -> None:
    """Through either driver the error names user, role and what to ask the owner for."""
    analyst = users["analyst"].info
    own = f"postgresql://only_analyst:x@127.0.0.1:{analyst.port}/{analyst.dbname}"
    warehouse = Warehouse(connection_options.configured(own, role="churn_pipeline"))
    ways = (lambda: warehouse.rows("select 1"), lambda: warehouse.ingest("raw", {}))
    for way in ways:
        with pytest.raises(RoleMissing, match="only_analyst is not a member of churn_pi") as caught:
            way()
        assert "grant churn_pipeline to only_analyst" in caught.value.next_step

    elsewhere = Warehouse(connection_options.configured(own, role="churn_nobody"))
    with pytest.raises(DatabaseUnavailable, match="no role churn_nobody yet") as unknown:
        elsewhere.rows("select 1")
    assert "churn migrate" == unknown.value.next_step


def test_every_driver_works_as_the_role(warehouse: Warehouse, tmp_path: Path) -> None:
    """SQLAlchemy, ADBC, dbt and Great Expectations, all as an owner who chose a role."""
    url = connection_options.configured(warehouse.url, role="churn_pipeline")
    pipeline = Warehouse(url)
    with pipeline.batches("select current_user::text as name") as reader:
        assert ["churn_pipeline"] == reader.read_all()["name"].to_pylist()
    with pytest.raises(RoleMissing, match="permission denied"):
        pipeline.execute("delete from raw.customers")
    pipeline.engine.dispose()

    variables = {"as_ofs": ["2026-03-01"], "known_at": "2026-03-01"}
    made_population.load(warehouse, date(2026, 3, 1), {"ann": 9.5})
    trial = made_population.dbt(made_population.write(tmp_path / "project"), url, tmp_path)
    trial.build(f"+{made_population.FEATURES}", variables)
    assert [("churn_pipeline", 2)] == warehouse.rows(
        "select relowner::regrole::text, count(*) from pg_class "
        "where relnamespace = 'analytics'::regnamespace and relkind in ('r', 'v') group by 1"
    )

    checks = SuiteFolder(ROOT / "expectations").source("customers").checks
    batch = Batch(schema="raw", table="customers", checks=checks, known_before=date(2026, 3, 1))
    results = Gx(connection_options.configured(warehouse.url, role="churn_analyst")).validate(
        [batch]
    )
    assert not any(result.is_passed for result in results)


def test_staging_views_show_raw_records_to_nobody_who_may_not_read_them(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """The analyst may read what the pipeline built, but a view on raw records is no way around."""
    url = connection_options.configured(warehouse.url, role="churn_pipeline")
    made_population.load(warehouse, date(2026, 3, 1), {"ann": 9.5})
    trial = made_population.dbt(made_population.write(tmp_path / "project"), url, tmp_path)
    trial.build("stg_trial__customers", {})
    query = "select customer_id from analytics.stg_trial__customers"
    assert [("ann",)] == Warehouse(url).rows(query)

    analyst = Warehouse(connection_options.configured(warehouse.url, role="churn_analyst"))
    with pytest.raises(RoleMissing, match="permission denied for table trial__customer"):
        analyst.rows(query)
    analyst.engine.dispose()


@pytest.mark.parametrize(
    ("tiers", "shown"),
    [
        ({"low": 30, "medium": 15, "high": 10}, {"low": 30, "medium": 15, "high": 10}),
        ({"low": 30, "medium": 15, "high": 9}, {"low": 30, "medium": None, "high": None}),
        (
            {"low": 30, "medium": 15, "high": 9, "critical": 1},
            {"low": 30, "medium": 15, "high": None, "critical": None},
        ),
        ({"low": 9}, {"low": None}),
    ],
)
def test_small_groups_are_neither_shown_nor_found_by_subtraction(
    warehouse: Warehouse, tiers: dict[str, int], shown: dict[str, int | None]
) -> None:
    """A tier of fewer than ten customers has no numbers, and the total does not give it away."""
    warehouse.execute("select churn.make_scores_partition('2026-03-01')")
    warehouse.execute(
        "insert into churn.score_runs (population, as_of, status, model_name, model_version, "
        "contract_fingerprint, rows) values ('p', '2026-03-01', 'published', 'm', 1, 'f', :rows)",
        {"rows": sum(tiers.values())},
    )
    for tier, customers in tiers.items():
        warehouse.execute(
            "insert into churn.scores "
            "select '2026-03-01', 1, concat(tier, number), 0.25, tier, 'none' "
            "from generate_series(1, :customers) as number, cast(:tier as text) as tier",
            {"tier": tier, "customers": customers},
        )
    rows = warehouse.rows("select risk_tier, customers, mean_probability from churn.risk_summary")

    assert shown == {row.risk_tier: row.customers for row in rows}
    assert {None if count is None else 0.25 for count in shown.values()} == {
        row.mean_probability for row in rows
    }


def test_an_owner_who_is_no_superuser_can_migrate_and_reach_everything(server_url: str) -> None:
    """CREATEROLE and a database of one's own are enough, also where the roles exist already."""
    with psycopg.connect(f"{server_url}/postgres", autocommit=True) as superuser:
        superuser.execute("create user owning createrole password 'x'")
        superuser.execute("create database owned owner owning")
        for role in ROLES:
            superuser.execute(
                f"grant churn_{role} to owning with admin true, inherit false, set false"
            )
        owner = Warehouse(f"postgresql://owning:x@{server_url.rpartition('@')[2]}/owned")
        try:
            assert migrations.differences(owner, MIGRATIONS)[0] == migrations.apply(
                owner, MIGRATIONS
            )
            assert ([], []) == migrations.differences(owner, MIGRATIONS)
            pipeline = Warehouse(connection_options.configured(owner.url, role="churn_pipeline"))
            pipeline.execute("create table analytics.built as select 'c1' as customer_id")
            pipeline.engine.dispose()
            loader = Warehouse(connection_options.configured(owner.url, role="churn_loader"))
            for columns in ("{customer_id}", "{customer_id,note}"):
                types = columns.replace("customer_id", "text").replace("note", "text")
                loader.rows(
                    "select churn.make_declared_table('shop__orders', cast(:names as text[]), "
                    "cast(:types as text[]))",
                    {"names": columns, "types": types},
                )
            loader.rows("select churn.index_declared_table('shop__orders', null)")
            loader.engine.dispose()
            assert 1 == owner.execute("delete from analytics.built where customer_id = 'c1'")
            owner.engine.dispose()
        finally:
            superuser.execute("drop database owned with (force)")
            superuser.execute("drop owned by owning; drop user owning")


def test_models_built_before_there_were_roles_become_the_pipelines(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """An installation of before: the owner's tables change hands, its views stop showing raw."""
    warehouse.execute("drop view churn.risk_summary")
    warehouse.execute("drop function churn.make_scores_partition")
    warehouse.execute("create table analytics.old as select 1 as a")
    warehouse.execute("create view analytics.old_raw as select full_name from raw.customers")
    (tmp_path / "0999_again.sql").write_text((MIGRATIONS / "0005_roles.sql").read_text())
    migrations.apply(warehouse, tmp_path)

    pipeline = Warehouse(connection_options.configured(warehouse.url, role="churn_pipeline"))
    pipeline.execute("drop table analytics.old")
    pipeline.engine.dispose()
    analyst = Warehouse(connection_options.configured(warehouse.url, role="churn_analyst"))
    with pytest.raises(RoleMissing, match="permission denied for table customers"):
        analyst.rows("select * from analytics.old_raw")
    analyst.engine.dispose()


def test_columns_that_may_not_be_read_or_written_are_told_with_the_grant(
    warehouse: Warehouse,
) -> None:
    """Statements are one way to the database and columns another: both say what is missing."""
    analyst = Warehouse(connection_options.configured(warehouse.url, role="churn_analyst"))
    with (
        pytest.raises(RoleMissing, match="permission denied for schema raw") as unread,
        analyst.batches("select customer_id from raw.customers"),
    ):
        pass
    with pytest.raises(RoleMissing, match="permission denied") as unwritten:
        analyst.ingest("churn", {"locks": pa.table({"name": ["a"]})})
    analyst.engine.dispose()

    assert unread.value.next_step.endswith("grant usage on schema raw to churn_analyst")
    assert unwritten.value.next_step.endswith("grant insert on locks to churn_analyst")
