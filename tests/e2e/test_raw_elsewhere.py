"""Records that stand in a schema of somebody else's loader, as `raw_schema` says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.adapters.local import postgres
from pipelines.adapters.warehouse.connection import Warehouse
from tests.e2e.at_rest import NIGHT, RAW, UNTIL, copy_of
from tests.e2e.churn_home import NO_ALIBI, ChurnHome

LANDING = "landing"
PUBLISHED = "select run_id, scores_hash from churn.score_runs where status = 'published' order by 1"

pytestmark = pytest.mark.story


@pytest.fixture(scope="module")
def home(at_rest: Path) -> Iterator[ChurnHome]:
    """A published business whose records somebody has moved away."""
    with copy_of(at_rest) as churn_home:
        churn_home.configure({**NO_ALIBI, 'raw_schema = "raw"': f'raw_schema = "{LANDING}"'})
        owner = _owner(churn_home)
        owner.execute(f"create schema {LANDING}")
        for name in RAW:
            owner.execute(f"alter table raw.{name} set schema {LANDING}")
        owner.engine.dispose()
        yield churn_home


def test_who_may_not_read_them_is_told_the_grant(home: ChurnHome) -> None:
    """Nothing was published."""
    before = home.rows(PUBLISHED)
    refused = home.run("run", "--as-of", UNTIL)

    assert refused.returncode == 15
    assert f"grant usage on schema {LANDING} to churn_pipeline" in " ".join(refused.stderr.split())
    assert home.rows(PUBLISHED) == before


def test_a_night_reads_them_there(home: ChurnHome) -> None:
    """The night before is the same again, and the next one is published."""
    owner = _owner(home)
    owner.execute(f"grant usage on schema {LANDING} to churn_pipeline, churn_trainer")
    owner.execute(
        f"grant select on all tables in schema {LANDING} to churn_pipeline, churn_trainer"
    )
    owner.engine.dispose()
    before = home.rows(PUBLISHED)

    home.churn("run", "--as-of", NIGHT, "--until", UNTIL)

    after = home.rows(PUBLISHED)
    assert {of_list for _, of_list in before} < {of_list for _, of_list in after}
    assert [[str(UNTIL)]] == home.rows("select distinct score_date from churn.scores_current")


def _owner(home: ChurnHome) -> Warehouse:
    """Whoever may move tables."""
    return Warehouse(f"{postgres.superuser_url(home.home)}/churn")
