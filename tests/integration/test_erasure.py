"""A customer who was erased is in no table, and in none that is built or loaded later."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pipelines.adapters.tables.score_history import ScoreHistory
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.privacy.erasure import Erasure, customer_sha256
from pipelines.errors import CustomerUnknown
from pipelines.settings import ROOT
from pipelines.wiring import data, history, night
from pipelines.wiring.installation import Installation
from tests import databases, examples, made_population
from tests.integration import business
from tests.integration.business import NIGHTS, POPULATION

CHURN = Path(sys.executable).parent / "churn"
COUNTER = itertools.count(1)
OLDER = NIGHTS[0] - timedelta(days=20)
NEXT = NIGHTS[-1] + timedelta(days=1)
RAW = ("customers", "subscriptions", "invoices", "usage_events", "support_tickets")
BUILT = ("analytics.fct_customer_features", "analytics.fct_churn_labels")


@pytest.fixture(scope="module")
def template(
    server_url: str, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Name of a database with 300 customers and two published nights."""
    home = tmp_path_factory.mktemp("business")
    with databases.created(server_url, "erasure_template", template=migrated) as warehouse:
        business.make(warehouse, home)
        yield "erasure_template"


@pytest.fixture
def installation(server_url: str, template: str, tmp_path: Path) -> Iterator[Installation]:
    """An installation on a copy of that business, with another population that is not loaded."""
    name = f"erasure_{next(COUNTER)}"
    with databases.created(server_url, name, template=template) as warehouse:
        project = made_population.write(tmp_path / "project")
        found = business.installation_of(warehouse, tmp_path, CHURN_PROJECT=str(project))
        yield found
        found.warehouse.engine.dispose()


@pytest.fixture
def customer(installation: Installation) -> str:
    """A customer of both nights, with rows in every raw table."""
    condition = " and ".join(f"customer_id in (select customer_id from raw.{name})" for name in RAW)
    rows = installation.warehouse.rows(
        "select customer_id from churn.scores_published "
        f"where {condition} group by 1 having count(*) = 2 order by 1 limit 1"
    )

    return str(rows[0][0])


def tables(warehouse: Warehouse) -> list[str]:
    """Return every table of the database."""
    rows = warehouse.rows(
        "select format('%I.%I', schemaname, tablename) from pg_tables "
        "where schemaname not in ('pg_catalog', 'information_schema') order by 1"
    )

    return [row[0] for row in rows]


def mentioned(warehouse: Warehouse, word: str) -> set[str]:
    """Return the tables with *word* anywhere in any column of any row."""
    return {
        name
        for name in tables(warehouse)
        if warehouse.rows(
            f"select 1 from {name} as line where position(:word in line::text) > 0 limit 1",
            {"word": word},
        )
    }


def others(warehouse: Warehouse, customer: str) -> dict[str, Any]:
    """Return a digest of every table with customers, but for one customer's rows."""
    return {
        name: warehouse.rows(
            f"select count(*), sum(hashtextextended(line::text, 1)) from {name} as line "
            "where customer_id is distinct from :customer",
            {"customer": customer},
        )[0]
        for name in (*(f"raw.{name}" for name in RAW), *BUILT, "churn.scores")
    }


def is_there(warehouse: Warehouse, customer: str) -> set[str]:
    """Return which of the built tables have the customer."""
    return {
        name
        for name in (*BUILT, "churn.scores", "churn.outcomes")
        if warehouse.rows(f"select 1 from {name} where customer_id = :id limit 1", {"id": customer})
    }


def records(warehouse: Warehouse, customer: str) -> dict[str, list[Any]]:
    """Return the raw rows of a customer."""
    return {
        name: [
            row[0]
            for row in warehouse.rows(
                f"select to_jsonb(line)::text from raw.{name} as line "
                "where customer_id = :id order by 1",
                {"id": customer},
            )
        ]
        for name in RAW
    }


def bring_back(warehouse: Warehouse, kept: dict[str, list[Any]]) -> None:
    """Insert raw rows, as a loader does that knows nothing of erasures."""
    for name, rows in kept.items():
        for row in rows:
            warehouse.execute(
                f"insert into raw.{name} "
                f"select (jsonb_populate_record(null::raw.{name}, cast(:row as jsonb))).*",
                {"row": row},
            )


def churn(installation: Installation, *arguments: str) -> subprocess.Popen[str]:
    """Start one command on the installation."""
    environ = {
        "CHURN_HOME": str(installation.settings.home),
        "CHURN_DATABASE_URL": installation.warehouse.url,
        "CHURN_PROJECT": str(installation.settings.project),
    }

    return subprocess.Popen(
        [CHURN, *arguments],
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until_it_waits(warehouse: Warehouse) -> None:
    """Return when an erasure waits for a lock of another session."""
    for _ in range(300):
        if warehouse.rows(
            "select 1 from pg_stat_activity where wait_event_type = 'Lock' "
            "and application_name like 'churn erase%' and datname = current_database()"
        ):
            return
        time.sleep(0.1)
    pytest.fail("the erasure never waited")


def test_nobody_is_left_and_everybody_else_is_as_before(
    installation: Installation, customer: str
) -> None:
    """No column of any table mentions the id; other customers' rows are the same, bit for bit."""
    warehouse = installation.warehouse
    lists = {"churn.scores", "churn.scores_2026_09", "churn.scores_2026_10"}
    known = {f"raw.{name}" for name in RAW} | {*BUILT} | lists
    assert known == mentioned(warehouse, customer)
    before = others(warehouse, customer)

    done = churn(installation, "erase", "--customer", customer, "--yes")
    printed, logged = done.communicate(timeout=120)
    assert 0 == done.returncode, logged
    assert set() == mentioned(warehouse, customer)
    assert before == others(warehouse, customer)
    assert customer not in printed + logged
    assert "2 lists corrected (entry 1 of churn audit)" in printed

    assert [(customer_sha256(customer), 1)] == warehouse.rows(
        "select customer_sha256, audit_id from churn.erasures"
    )
    (entry,) = history.audit(installation).entries
    assert ("erase", "one customer", True) == (entry.command, entry.subject, entry.is_intact)
    assert 1 == entry.details["rows"]["raw.customers"]
    assert {"churn.scores": 2, "analytics.fct_customer_features": 2}.items() <= entry.details[
        "rows"
    ].items()


def test_what_counted_the_customer_is_corrected(installation: Installation, customer: str) -> None:
    """Builds and lists say what their tables hold, and a new list of the night is the same list."""
    rows = {night: installation.features.rows(POPULATION, night) for night in NIGHTS}
    history.erase(installation, customer)

    assert {night: count - 1 for night, count in rows.items()} == {
        night: installation.features.rows(POPULATION, night) for night in NIGHTS
    }
    for as_of in NIGHTS:
        shown = installation.scores.published(POPULATION, as_of)
        again = business.stage(installation, as_of)
        assert shown is not None
        assert (shown.rows, shown.scores_hash) == (again.rows, again.scores_hash)
        night.gate(installation, "scores", POPULATION, as_of)
        assert shown.run_id == night.publish(installation, POPULATION, as_of).run_id


@pytest.mark.story
def test_who_comes_back_is_in_no_later_build(installation: Installation, customer: str) -> None:
    """With the raw rows there again: not in an old date, a built one or the next, nor a replay."""
    warehouse = installation.warehouse
    data.build_features(installation, POPULATION, [OLDER], NIGHTS[-1])
    kept, before = records(warehouse, customer), others(warehouse, customer)
    assert BUILT[0] in is_there(warehouse, customer)
    history.erase(installation, customer)
    bring_back(warehouse, kept)
    assert kept == records(warehouse, customer)

    data.build_features(installation, POPULATION, [OLDER, *NIGHTS], NIGHTS[-1])
    assert before == others(warehouse, customer)
    data.build_features(installation, POPULATION, [NEXT], NEXT)
    assert set() == is_there(warehouse, customer)
    for as_of in (OLDER, NIGHTS[0], NEXT):
        assert [] == installation.dbt_of(POPULATION).replay_differences(
            model="fct_customer_features", as_of=as_of
        )
    night.gate(installation, "features", POPULATION, NEXT)

    again = history.erase(installation, customer)
    assert len(kept["usage_events"]) == again.rows["raw.usage_events"]
    assert (True, 0) == (again.erased_before is not None, again.lists)
    assert set() == mentioned(warehouse, customer)


def test_a_second_time_is_harmless(installation: Installation, customer: str) -> None:
    """Nothing is left to remove; the date of the first time is told, and both are in the trail."""
    history.erase(installation, customer)
    before = others(installation.warehouse, customer)
    again = history.erase(installation, customer)

    (day,) = installation.warehouse.rows(
        "select cast(erased_at at time zone 'UTC' as date) from churn.erasures"
    )
    assert Erasure(dict.fromkeys(again.rows, 0), 0, day[0], 2) == again
    assert before == others(installation.warehouse, customer)
    assert [None, 1] == [
        item.details["first_audit_id"] for item in history.audit(installation).entries
    ]


def test_an_unknown_customer_is_refused(installation: Installation) -> None:
    """A slip of the pen leaves no tombstone, and what was typed is not repeated."""
    before = others(installation.warehouse, "")
    done = churn(installation, "erase", "--customer", "C-typed-wrong", "--yes")
    printed, logged = done.communicate(timeout=120)

    assert 26 == done.returncode
    assert "none of 12 tables has this customer" in logged
    assert "C-typed-wrong" not in printed + logged
    assert before == others(installation.warehouse, "")
    assert [] == installation.warehouse.rows("select 1 from churn.erasures")
    assert () == history.audit(installation).entries


@pytest.mark.parametrize("name", ["dbt build", "import of trial", "writer of trial"])
def test_whoever_writes_is_not_disturbed(
    installation: Installation, customer: str, name: str
) -> None:
    """While a build, a load or a writer is at work the exit code says try again."""
    with installation.warehouse.lock(name):
        done = churn(installation, "erase", "--customer", customer, "--yes")
        _, logged = done.communicate(timeout=120)

    assert 75 == done.returncode
    assert f"there can be one {name} at a time" in logged
    assert "raw.customers" in mentioned(installation.warehouse, customer)


def test_a_loader_that_is_not_ours_is_waited_for(installation: Installation, customer: str) -> None:
    """What another session has inserted and not committed yet goes too."""
    with psycopg.connect(installation.warehouse.url) as loader:
        loader.execute(
            "insert into raw.customers (customer_id, signed_up_at, loaded_at) "
            "values (%s, now(), now())",
            [customer],
        )
        erasing = churn(installation, "erase", "--customer", customer, "--yes")
        wait_until_it_waits(installation.warehouse)
    assert 0 == erasing.wait(timeout=120)

    assert set() == mentioned(installation.warehouse, customer)


def test_killed_in_the_middle_nothing_has_happened(
    installation: Installation, customer: str
) -> None:
    """Killed when the rows are deleted and a list is not corrected yet; again, it is whole."""
    warehouse = installation.warehouse
    tables_before = mentioned(warehouse, customer)
    before = others(warehouse, ""), installation.scores.runs(POPULATION)
    with psycopg.connect(warehouse.url) as reader:
        reader.execute("select from churn.score_runs where as_of = %s for update", [NIGHTS[-1]])
        erasing = churn(installation, "erase", "--customer", customer, "--yes")
        wait_until_it_waits(warehouse)
        os.killpg(erasing.pid, signal.SIGKILL)
        assert -signal.SIGKILL == erasing.wait(timeout=30)
        _, logged = erasing.communicate()
        # The session of the dead process still waits, and ends when it may go on.
    assert "table=raw.usage_events" in logged

    def is_quiet() -> bool:
        return not warehouse.rows(
            "select 1 from pg_stat_activity where application_name like 'churn erase%' "
            "and datname = current_database()"
        )

    assert any(is_quiet() or time.sleep(0.1) for _ in range(300))
    assert tables_before == mentioned(warehouse, customer)
    assert before == (others(warehouse, ""), installation.scores.runs(POPULATION))
    assert () == history.audit(installation).entries

    history.erase(installation, customer)
    assert set() == mentioned(warehouse, customer)


@pytest.mark.story
def test_another_population_respects_it_too(installation: Installation) -> None:
    """Whoever comes back is left out of its features, and the other customer stays."""
    warehouse, as_of = installation.warehouse, date(2010, 12, 5)
    features = f"select customer_id from analytics.{made_population.FEATURES}"
    made_population.load(warehouse, as_of, {"gone": 9.5, "stays": 9.5})
    data.build_features(installation, "trial", [as_of], as_of)
    assert {("gone",), ("stays",)} == set(warehouse.rows(features))

    assert {"raw.trial__customers": 1, f"analytics.{made_population.FEATURES}": 1}.items() <= (
        history.erase(installation, "gone").rows.items()
    )
    assert 1 == installation.features.rows("trial", as_of)
    later = as_of + timedelta(days=1)
    made_population.load(warehouse, later, {"gone": 9.5, "stays": 9.5})
    data.build_features(installation, "trial", [as_of, later], later)
    assert [("stays",), ("stays",)] == warehouse.rows(features)


def test_a_new_table_cannot_be_forgotten(installation: Installation, customer: str) -> None:
    """A table somebody adds is found by its column, whatever its type; other schemas stay."""
    installation.warehouse.execute(
        "create table raw.calls as select 42::bigint as customer_id, 'x' as said"
    )
    installation.warehouse.execute(
        "create schema replay_left; create table replay_left.t (customer_id text)"
    )
    installation.warehouse.execute("insert into replay_left.t values (:id)", {"id": customer})
    installation.warehouse.execute(
        "create schema billing; create table billing.t (customer_id text)"
    )
    installation.warehouse.execute("insert into billing.t values (:id)", {"id": customer})

    assert 1 == history.erase(installation, "42").rows["raw.calls"]
    assert 1 == history.erase(installation, customer).rows["replay_left.t"]
    assert {"billing.t"} == mentioned(installation.warehouse, customer)


@pytest.mark.parametrize(
    "odd", ["x'; drop table raw.customers; --", "Zoë ☃ ", "%s :a {b}", "q" * 9999]
)
def test_an_odd_id_is_an_id(installation: Installation, odd: str) -> None:
    """Whatever it holds, it is compared and never read as anything else."""
    insert = (
        "insert into raw.customers (customer_id, signed_up_at, loaded_at) "
        "values (:id, '2026-01-01', '2026-01-01')"
    )
    installation.warehouse.execute(insert, {"id": odd})
    with pytest.raises(CustomerUnknown):
        history.erase(installation, odd + "x")
    assert {"raw.customers": 1}.items() <= history.erase(installation, odd).rows.items()

    installation.warehouse.execute(insert, {"id": odd})
    assert [] == installation.warehouse.rows(
        "select 1 from analytics.stg_churn__customers where customer_id = :id", {"id": odd}
    )


def test_a_list_that_is_not_whole_does_not_become_whole(
    installation: Installation, customer: str
) -> None:
    """Correcting its length does not hide that it lost another row before."""
    warehouse = installation.warehouse
    shown = installation.scores.published(POPULATION, NIGHTS[0])
    assert shown is not None
    warehouse.execute(
        "delete from churn.scores where run_id = :run and customer_id = "
        "(select max(customer_id) from churn.scores where run_id = :run)",
        {"run": shown.run_id},
    )
    history.erase(installation, customer)

    left = installation.scores.published(POPULATION, NIGHTS[0])
    assert left is not None
    ((rows,),) = warehouse.rows(
        "select count(*) from churn.scores where run_id = :run", {"run": shown.run_id}
    )
    assert (rows + 1, shown.scores_hash) == (left.rows, left.scores_hash)


def test_every_staging_model_leaves_erased_customers_out() -> None:
    """A business that writes its own staging models is told when it forgets them."""
    projects = (ROOT / "dbt_project", examples.PROJECT)
    models = [path for folder in projects for path in folder.glob("models/*/staging/stg_*.sql")]

    assert len(models) > 5
    assert [] == [path.name for path in models if "is_not_erased()" not in path.read_text("utf-8")]


def test_pruning_and_returning_are_in_the_trail(installation: Installation) -> None:
    """Each leaves an entry in its own transaction, with what was done."""
    again = business.stage(installation, NIGHTS[0])
    installation.scores.publish(again)
    first = history.rollback_scores(installation, POPULATION, NIGHTS[0])
    removed = history.prune(installation, NIGHTS[-1] + timedelta(days=400), 400)
    counts = {item.kind: item.removed for item in removed}
    forgotten, results = counts["scores"], counts["results of gates"]
    entries = history.audit(installation).entries

    assert forgotten > 100
    assert results > 10
    assert [
        ("rollback-scores", "subscribers 2026-09-30", {"from_run": again.run_id, "to_run": first}),
        ("prune", "scores from before 2026-10-01", {"rows": forgotten}),
        ("prune", "results of gates from before 2026-10-01", {"rows": results}),
    ] == [(item.command, item.subject, item.details) for item in entries]
    assert all(item.is_intact for item in entries)
    assert 0 == ScoreHistory(installation.warehouse).forget(date(2026, 10, 1))
