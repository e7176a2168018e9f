"""`churn prune` on a real database and real folders: what goes, what stays, and what is told."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines import settings
from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.scoring.scoring import SCHEMA

CHURN = Path(sys.executable).parent / "churn"
TODAY = date(2026, 11, 21)
AGES = (500, 401, 400, 91, 90, 31, 30, 1)
# Population, and how many days before today its last list was published.
LAST = {"subscribers": 1, "trial": 500}
TABLES = ("scores", "gate_results", "drift_checks", "drift_verdicts", "alerts")


def ago(days: int) -> date:
    """Return the date so many days before today."""
    return TODAY - timedelta(days=days)


def publish(warehouse: Warehouse, population: str, as_of: date) -> None:
    """Publish a list of one customer."""
    scores = WarehouseScores(warehouse)
    row = {"customer_id": "C1", "churn_probability": 0.5, "risk_tier": "medium"}
    whole = pa.Table.from_pylist([{**row, "recommended_action": "none"}], SCHEMA)
    run = scores.stage(
        population=population,
        as_of=as_of,
        model_name=f"churn-{population}",
        model_version=1,
        contract_fingerprint="abc",
        batches=whole.to_batches(),
    )
    scores.publish(run)


def leave_traces(warehouse: Warehouse, home: Path, population: str, as_of: date) -> None:
    """Leave of one night what its tasks leave, and an alert that nobody has resolved."""
    night = {"population": population, "as_of": as_of}
    for statement in (
        "insert into churn.gate_results (population, as_of, gate, subject, expectation, severity, "
        "is_passed, owner) values (:population, :as_of, 'sources', 't', 'e', 'fail', true, 'o')",
        "insert into churn.drift_checks (population, as_of, feature, model_version, engine, "
        "verdict) values (:population, :as_of, 'fee_eur', 1, 'scipy', 'quiet')",
        "insert into churn.drift_verdicts (population, as_of, model_version, verdict, "
        "is_training_requested, reason) values (:population, :as_of, 1, 'quiet', false, 'r')",
        "insert into churn.alerts (population, as_of, kind, severity, title, body, owner, "
        "resolved_at) values (:population, :as_of, 'over', 'info', 't', 'b', 'o', :as_of), "
        "(:population, :as_of, 'open', 'info', 't', 'b', 'o', null)",
        "insert into churn.served_requests (request_id, route, population, status, asked_at) "
        "values ('r', 'models', :population, 200, :as_of)",
        "insert into churn.served_predictions (request_id, population, customer_id, mode, salt, "
        "challenger_pct, champion_version, challenger_version, variant, churn_probability, "
        "is_answered, asked_at) "
        "values ('r', :population, 'C1', 'shadow', 's', 50, 1, 2, 'champion', 0.5, true, :as_of)",
        "insert into churn.alert_deliveries (alert_id, channel) select alert_id, 'email' "
        "from churn.alerts where population = :population and as_of = :as_of",
        "insert into raw.quarantine (source, raw_table, reason, loaded_at) "
        "values (:population, :population, 'r', cast(:as_of as timestamp) at time zone 'UTC')",
    ):
        assert warehouse.execute(statement, night)
    page = home / "data_docs" / population / str(as_of) / "sources" / "index.html"
    report = home / "reports" / f"{population}-{as_of}.txt"
    log = home / "logs" / "airflow" / f"run_id={population} {as_of}" / "attempt=1.log"
    for path in (page, report, log):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    moment = datetime(as_of.year, as_of.month, as_of.day, 3, tzinfo=UTC).timestamp()
    for path in (log, log.parent):
        os.utime(path, (moment, moment))


@pytest.fixture
def home(warehouse: Warehouse, tmp_path: Path) -> Path:
    """The state folder of a business whose oldest nights are 500 days ago."""
    for population, last in LAST.items():
        for days in (days for days in AGES if days >= last):
            publish(warehouse, population, ago(days))
            leave_traces(warehouse, tmp_path, population, ago(days))

    return tmp_path


def churn(warehouse: Warehouse, home: Path, *arguments: str) -> dict[str, int]:
    """Run `churn prune` as of today; return how many of each kind it says it removed."""
    done = subprocess.run(
        [CHURN, "prune", "--as-of", str(TODAY), *arguments],
        env={**os.environ, "CHURN_HOME": str(home), "CHURN_DATABASE_URL": warehouse.url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    lines = [line.rsplit(maxsplit=2) for line in done.stdout.splitlines()[1:]]

    return {kind: int(count) for kind, _, count in lines}


def ages(home: Path, pattern: str) -> dict[str, list[int]]:
    """Return, by population, how many days before today the nights are that a pattern finds."""
    found: dict[str, list[int]] = {population: [] for population in LAST}
    for path in home.glob(pattern):
        text = "/".join(path.relative_to(home).parts)
        population = next(name for name in LAST if name in text)
        found[population].append((TODAY - date.fromisoformat(text[-14:-4])).days)

    return {population: sorted(days) for population, days in found.items()}


def rows(warehouse: Warehouse) -> dict[str, int]:
    """Return the number of rows of every table that is pruned, and of the audit log."""
    return {
        name: warehouse.rows(f"select count(*) from churn.{name}")[0][0]
        for name in (*TABLES, "alert_deliveries", "audit_log")
    }


def test_what_is_older_than_its_retention_goes(warehouse: Warehouse, home: Path) -> None:
    """Of every kind what churn.toml says; what trial was judged by stays with its only list."""
    before = rows(warehouse)
    assert {"scores": 9, "alerts": 18} == {name: before[name] for name in ("scores", "alerts")}

    assert {
        "scores": 2,
        "results of gates": 2,
        "drift checks and verdicts": 4,
        "resolved alerts": 2,
        "requests of the service": 5,
        "predictions of trials": 3,
        "pages of gates, in nights": 4,
        "pages of nights": 4,
        "refused rows": 5,
        "logs of tasks": 7,
    } == churn(warehouse, home)
    assert {
        "scores": 7,
        "gate_results": 7,
        "drift_checks": 7,
        "drift_verdicts": 7,
        "alerts": 16,
        "alert_deliveries": 16,
        "audit_log": 7,
    } == rows(warehouse)
    assert {"subscribers": [1, 30, 31, 90], "trial": [500]} == ages(home, "reports/*.txt")
    assert 5 == len([*home.glob("data_docs/*/*/sources/index.html")])
    assert 2 == len([*home.glob("logs/airflow/*/*")]) == len([*home.glob("logs/airflow/*")])
    assert [("subscribers", ago(400)), ("trial", ago(500))] == warehouse.rows(
        "select population, min(as_of) from churn.gate_results group by population order by 1"
    )


def test_twice_removes_nothing_more(warehouse: Warehouse, home: Path) -> None:
    """The audit log says that it was tried, as it always has."""
    churn(warehouse, home)
    once = rows(warehouse)

    assert {0} == {*churn(warehouse, home).values()}
    assert {**once, "audit_log": once["audit_log"] + 1} == rows(warehouse)


def test_keep_goes_before_the_retention_of_scores_and_pages(
    warehouse: Warehouse, home: Path
) -> None:
    """As it did before there was one; the rest goes by churn.toml."""
    removed = churn(warehouse, home, "--keep", "31d")

    assert {
        "scores": 5,
        "pages of gates, in nights": 5,
        "pages of nights": 5,
        "results of gates": 2,
    }.items() <= removed.items()
    assert {"subscribers": [1, 30, 31], "trial": [500]} == ages(home, "reports/*.txt")


def test_the_trail_names_kinds_and_dates(warehouse: Warehouse, home: Path) -> None:
    """Each in the transaction that removed the rows; the chain of checksums holds."""
    churn(warehouse, home)

    assert [
        (f"scores from before {ago(400)}", {"rows": 2}),
        (f"results of gates from before {ago(400)}", {"rows": 2}),
        (f"drift checks and verdicts from before {ago(400)}", {"rows": 4}),
        (f"resolved alerts from before {ago(400)}", {"rows": 2}),
        (f"requests of the service from before {ago(90)}", {"rows": 5}),
        (f"predictions of trials from before {ago(400)}", {"rows": 3}),
        (f"refused rows from before {ago(90)}", {"rows": 5}),
    ] == warehouse.rows("select subject, details from churn.audit_log order by audit_id")


def test_nothing_is_pruned_while_a_list_is_written(warehouse: Warehouse, home: Path) -> None:
    """Exit code 75: try again."""
    before = rows(warehouse)
    with warehouse.lock("writer of subscribers"):
        done = subprocess.run(
            [CHURN, "prune", "--as-of", str(TODAY)],
            env={**os.environ, "CHURN_HOME": str(home), "CHURN_DATABASE_URL": warehouse.url},
            capture_output=True,
            check=False,
        )

    assert 75 == done.returncode
    assert before == rows(warehouse)
    assert 9 == len([*home.glob("reports/*")]) == len([*home.glob("logs/airflow/*/*")])


def test_the_defaults_hold_where_churn_toml_has_no_table() -> None:
    """A churn.toml of before says the same as ours."""
    text = (settings.ROOT / "churn.toml").read_text("utf-8")

    assert "[retention]" in text
    assert settings.Retention() == settings.load({}).retention
