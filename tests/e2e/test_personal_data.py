"""A customer's name, address and id: where they may be, and that erasing leaves them nowhere."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest

from pipelines import settings
from pipelines.wiring.installation import Installation
from tests.e2e.at_rest import EARLIER, EMAIL, ID, NAME, NIGHT, RAW, SAID, UNTIL, copy_of
from tests.e2e.churn_home import NO_ALIBI, ChurnHome

NIGHTS = [EARLIER, NIGHT]
KEYED = {f"raw.{name}" for name in RAW} | {
    "analytics.fct_customer_features",
    "analytics.fct_churn_labels",
    "churn.scores",
    *(f"churn.scores_{night:%Y_%m}" for night in NIGHTS),
}


@pytest.fixture(scope="module")
def churn_home(at_rest: Path) -> Iterator[ChurnHome]:
    """A business with the canary, who stays all the time: a training and two nights."""
    with copy_of(at_rest) as copy:
        copy.configure(NO_ALIBI)
        yield copy


@pytest.fixture(scope="module")
def wired(churn_home: ChurnHome) -> Iterator[Installation]:
    """The same installation, used in this process."""
    found = Installation(settings.load({"CHURN_HOME": str(churn_home.home)}))
    yield found
    found.warehouse.engine.dispose()


@pytest.fixture(scope="module")
def said(at_rest: Path, churn_home: ChurnHome, wired: Installation) -> str:
    """What the commands said, those that made the business and one that fails on the canary."""
    warehouse = wired.warehouse
    warehouse.execute(
        "alter table analytics.fct_customer_features add constraint no_canary "
        f"check (customer_id <> '{ID}') not valid"
    )
    failed = churn_home.run("features", "--as-of", NIGHTS[-1])
    warehouse.execute("alter table analytics.fct_customer_features drop constraint no_canary")
    assert failed.returncode == 14
    assert "no_canary" in failed.stderr
    spoken = at_rest.with_name(f"{at_rest.name}.{SAID}").read_text("utf-8")
    assert "is the list" in spoken

    return "\n".join([spoken, failed.stdout, failed.stderr])


def mentioned(server_url: str, word: str) -> set[str]:
    """Return the tables of all our databases with *word* anywhere in any row."""
    found = set()
    for database in ("churn", "mlflow", "airflow"):
        with psycopg.connect(f"{server_url}/{database}") as connection:
            names = connection.execute(
                "select format('%I.%I', schemaname, tablename) from pg_tables "
                "where schemaname not in ('pg_catalog', 'information_schema')"
            ).fetchall()
            assert database == "airflow" or len(names) > 20
            for (name,) in names:
                query = f"select 1 from {name} as line where position(%s in line::text) > 0 limit 1"
                if connection.execute(query, [word]).fetchall():  # type: ignore[arg-type]
                    found.add(name)

    return found


def files_with(home: Path, word: str) -> list[str]:
    """Return the files below *home* with *word*, the database's own tables and journal aside."""
    found = []
    paths = [path for path in home.rglob("*") if path.is_file()]
    paths = [path for path in paths if not {"base", "pg_wal"} & {*path.parts}]
    assert {
        "dbt.log",
        "server.log",
        "reference.parquet",
        "golden.json",
        "subscribers-2026-10-01.txt",
    } <= {path.name for path in paths}
    for path in paths:
        if path.suffix == ".parquet":
            content = str(pq.read_table(path).to_pydict()).encode()
        else:
            try:
                content = path.read_bytes()
            except FileNotFoundError:  # the server runs, and makes files that last a moment
                continue
        if word.encode() in content:
            found.append(str(path.relative_to(home)))

    return found


def test_names_and_addresses_are_in_the_raw_record_and_nowhere_else(
    churn_home: ChurnHome, wired: Installation, said: str
) -> None:
    """No feature, score, gate result, alert, report, log, model or MLflow row has them."""
    for word in (NAME, EMAIL):
        assert {"raw.customers"} == mentioned(wired.server_url, word)
        assert [] == files_with(churn_home.home, word)
        assert word not in said


def test_ids_are_where_rows_are_keyed_by_customer_and_nowhere_else(
    churn_home: ChurnHome, wired: Installation, said: str
) -> None:
    """The canary is scored on both nights, and only tables of customers know the id."""
    assert [["2"]] == churn_home.rows(
        f"select count(*) from churn.scores_published where customer_id = '{ID}'"
    )
    assert KEYED == mentioned(wired.server_url, ID)
    assert [] == files_with(churn_home.home, ID)
    assert ID not in said


@pytest.mark.story
def test_after_an_erasure_nothing_is_left_and_the_nights_go_on(
    churn_home: ChurnHome, wired: Installation, said: str
) -> None:
    """A night done before gives the same list but for the canary; the next one goes through."""
    query = (
        "select md5(string_agg(scores::text, ';' order by score_date, customer_id)) "
        f"from churn.scores_published as scores where customer_id <> '{ID}'"
    )
    lists = churn_home.rows(query)
    runs = churn_home.rows("select run_id from churn.score_runs where status = 'published'")
    done = churn_home.run("erase", "--customer", ID, "--yes")
    assert done.returncode == 0, done.stderr

    hashes = "select as_of, rows, scores_hash from churn.score_runs where status = 'published'"
    corrected = churn_home.rows(hashes)
    for word in (NAME, EMAIL, ID):
        assert set() == mentioned(wired.server_url, word)
        assert [] == files_with(churn_home.home, word)
    assert ID not in done.stdout + done.stderr
    churn_home.churn("run", "--as-of", NIGHTS[-1])
    assert lists == churn_home.rows(query)
    assert corrected == churn_home.rows(hashes)
    assert runs == churn_home.rows("select run_id from churn.score_runs where status = 'published'")
    churn_home.churn("run", "--as-of", UNTIL)
    assert "entries: 2, each as it was written" in churn_home.churn("audit")
    assert [["promote"], ["erase"]] == churn_home.rows(
        "select command from churn.audit_log order by audit_id"
    )
