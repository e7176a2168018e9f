"""A feature table that somebody fills in this warehouse, used where it stands, by commands."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from pipelines.adapters.local import postgres
from pipelines.adapters.warehouse.connection import Warehouse
from tests import feature_table
from tests.e2e.churn_home import NO_ALIBI, SMALL, ChurnHome, fresh

FIRST = date(2026, 3, 2)
DAY = date(2026, 7, 20)
NEXT = DAY + timedelta(days=1)
GATE_FAILED = 21
SOURCE = "warehouse#mart.customer_features"

pytestmark = pytest.mark.story


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChurnHome]:
    """An installation whose project is a folder of its own."""
    with fresh() as made:
        made.environ["CHURN_PROJECT"] = str(tmp_path_factory.mktemp("project") / "my")
        made.configure({**NO_ALIBI, **SMALL})
        yield made


@pytest.fixture(scope="module")
def owner(home: ChurnHome) -> Iterator[Warehouse]:
    """Whoever makes the features: they own the table, and let us read it."""
    warehouse = Warehouse(f"{postgres.superuser_url(home.home)}/churn")
    warehouse.execute("create schema mart")
    warehouse.execute(feature_table.CREATE)
    rows = feature_table.rows(FIRST, (NEXT - FIRST).days + 1)
    with (
        psycopg.connect(warehouse.url) as connection,
        connection.cursor().copy("copy mart.customer_features from stdin (format csv)") as copy,
    ):
        copy.write(rows.to_csv(index=False, header=False))
    warehouse.execute("grant usage on schema mart to churn_analyst")
    warehouse.execute("grant select on mart.customer_features to churn_analyst")
    yield warehouse
    warehouse.engine.dispose()


@pytest.fixture(scope="module")
def made(home: ChurnHome, owner: Warehouse) -> str:
    """What `churn new` says of it."""
    told = home.churn(
        *("new", "shop", SOURCE, "--features", "--label", "left_30d=1 in 30d"),
        *("--time", "snapshot_date", "--as-of", DAY, "--yes"),
    )
    owner.execute("grant usage on schema mart to churn_pipeline, churn_trainer")
    owner.execute("grant select on mart.customer_features to churn_pipeline, churn_trainer")

    return told


@pytest.fixture(scope="module")
def published(home: ChurnHome, made: str) -> None:
    """A champion and the list of one night."""
    home.churn("backfill", "--population", "shop", "--as-of", DAY)
    home.churn("train", "--population", "shop", "--as-of", DAY)
    home.churn("run", "--population", "shop", "--as-of", DAY)


def test_it_says_what_it_reads_and_what_it_may_not(made: str) -> None:
    """The grants that are missing are told before the first night."""
    assert "used where it stands: mart.customer_features" in made
    assert "grant usage on schema mart to churn_pipeline, churn_trainer" in made
    assert "left out: e_mail: personal data" in made
    assert "churn backfill --population shop" in made


def test_its_customers_have_scores_and_nothing_is_copied(
    home: ChurnHome, owner: Warehouse, published: None
) -> None:
    """Everybody of the date, with reasons; no raw table, and only the days that were used."""
    (listed,) = home.rows(
        "select count(*), count(*) filter (where reason_1 is not null) > 0 "
        f"from churn.scores_current where population = 'shop' and score_date = '{DAY}'"
    )
    there = owner.rows(
        "select count(*) from mart.customer_features where snapshot_date = :day", {"day": DAY}
    )
    assert [str(there[0][0]), "True"] == listed
    assert [] == owner.rows("select from pg_tables where schemaname = 'raw' and tablename ~ 'shop'")
    kept = owner.rows("select count(distinct as_of) from analytics.fct_shop_features")[0][0]
    assert 3 <= kept <= 13


def test_the_table_can_be_made_anew(home: ChurnHome, owner: Warehouse, published: None) -> None:
    """Nothing of ours stands on it, so its owner may drop it; the night after passes."""
    owner.execute("create table mart.anew (like mart.customer_features)")
    owner.execute("insert into mart.anew select * from mart.customer_features")
    owner.execute("drop table mart.customer_features")
    owner.execute("alter table mart.anew rename to customer_features")
    refused = home.run("run", "--population", "shop", "--as-of", NEXT)
    assert GATE_FAILED == refused.returncode
    assert "mart.customer_features may not be read" in refused.stderr

    owner.execute("grant select on mart.customer_features to churn_pipeline, churn_trainer")
    home.churn("run", "--population", "shop", "--as-of", NEXT)
    assert [[str(NEXT)]] == home.rows(
        "select distinct score_date from churn.scores_current where population = 'shop'"
    )


@pytest.mark.parametrize(
    ("change", "back", "fault"),
    [
        (
            "alter table mart.customer_features rename column fee to fees",
            "alter table mart.customer_features rename column fees to fee",
            "column fee of mart.customer_features does not exist",
        ),
        (
            "alter table mart.customer_features alter column visits type text",
            "alter table mart.customer_features alter column visits type integer "
            "using cast(visits as integer)",
            "mart.customer_features.visits: column values to be in type list",
        ),
        (
            "insert into mart.customer_features select * from mart.customer_features "
            "where snapshot_date = '2026-07-21' limit 3",
            "",
            "mart.customer_features.customer_id: column values to be unique",
        ),
    ],
)
@pytest.mark.usefixtures("published")
def test_another_table_is_refused_with_the_sentence(
    home: ChurnHome, owner: Warehouse, change: str, back: str, fault: str
) -> None:
    """A column that is gone, one of another type, customers who are there twice: the list stays."""
    owner.execute("grant select on mart.customer_features to churn_pipeline, churn_trainer")
    before = home.rows("select max(score_date), count(*) from churn.scores_current")
    owner.execute(change)
    refused = home.run("run", "--population", "shop", "--as-of", NEXT)
    if back:
        owner.execute(back)

    assert GATE_FAILED == refused.returncode, refused.stderr
    assert fault in refused.stderr
    assert before == home.rows("select max(score_date), count(*) from churn.scores_current")


def test_nothing_of_it_is_to_be_loaded(home: ChurnHome, made: str) -> None:
    """Who asks for it is told what to do instead."""
    refused = home.run("import", "shop")

    assert 10 == refused.returncode
    assert "shop declares nothing that is to be loaded" in refused.stderr


def test_a_file_is_brought_in_instead(home: ChurnHome, tmp_path: Path) -> None:
    """Where a table does not stand in this warehouse, the message says what to do."""
    file = tmp_path / "features.csv"
    feature_table.rows(FIRST, 60).to_csv(file, index=False)
    refused = home.run(
        *("new", "shop2", file, "--features", "--label", "left_30d=1 in 30d", "--as-of", DAY)
    )

    assert 0 != refused.returncode
    assert "is not one table of this warehouse" in refused.stderr
    assert "churn import brings it in" in refused.stderr


def test_a_table_that_has_no_row_of_most_days_is_not_scored_every_night(
    home: ChurnHome, owner: Warehouse, made: str
) -> None:
    """Whoever tries it is told when its next list comes, and that Airflow makes none."""
    owner.execute(
        "create table mart.tenth_days as select * from mart.customer_features "
        f"where (date '{DAY}' - snapshot_date::date) % 10 = 0"
    )
    owner.execute("grant select on mart.tenth_days to churn_analyst, churn_pipeline, churn_trainer")

    told = home.churn(
        *("try", "warehouse#mart.tenth_days", "--features", "--label", "left_30d=1 in 30d"),
        *("--time", "snapshot_date", "--as-of", DAY, "--yes"),
    )

    said = " ".join(told.split())
    assert "when its table has rows of a new day: churn run --population tenth_days" in said
    assert "churn up" not in said
