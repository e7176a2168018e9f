"""The whole path by command: generated customers, a champion, nights, and what people read."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines import settings
from pipelines.errors import LeakSuspected
from pipelines.settings import ROOT
from pipelines.wiring import data, model
from pipelines.wiring.installation import Installation
from tests.e2e.at_rest import EARLIER, NIGHT, UNTIL, copy_of
from tests.e2e.churn_home import NO_ALIBI, ChurnHome

NIGHTS = [EARLIER, NIGHT, UNTIL]
MART = Path("dbt_project/models/subscribers/marts/fct_customer_features")


@pytest.fixture(scope="module")
def populated(at_rest: Path) -> Iterator[ChurnHome]:
    """2,400 customers, a champion trained before the first night, and three nights."""
    with copy_of(at_rest) as churn_home:
        churn_home.configure(NO_ALIBI)
        churn_home.churn("run", "--as-of", UNTIL)
        yield churn_home


def test_the_list_has_four_tiers_and_every_active_customer_once(populated: ChurnHome) -> None:
    """What the analyst asks at 8 a.m. has an answer."""
    tiers = dict(populated.rows("select risk_tier, count(*) from churn.scores_current group by 1"))
    built = populated.rows(
        f"select count(*), count(distinct customer_id) from analytics.fct_customer_features "
        f"where as_of = '{UNTIL}'"
    )[0]

    assert {"low", "medium", "high", "critical"} == set(tiers)
    assert [str(sum(map(int, tiers.values())))] * 2 == built
    assert [["0"]] == populated.rows(
        "select count(*) from churn.scores_current where risk_tier <> 'low' and reason_1 is null"
    )


def test_three_nights_are_published(populated: ChurnHome) -> None:
    """One published run a night, of one version."""
    assert [[str(night), "1"] for night in NIGHTS] == populated.rows(
        "select as_of, model_version from churn.score_runs where status = 'published' order by 1"
    )


@pytest.mark.story
def test_a_night_again_changes_nothing(populated: ChurnHome) -> None:
    """The rows, the run and the hash are those of the first time."""
    query = (
        "select run_id, md5(string_agg(scores::text, ';' order by customer_id)) "
        f"from churn.scores_published as scores where score_date = '{UNTIL}' group by run_id"
    )
    before = populated.rows(query)
    populated.churn("run", "--as-of", UNTIL)

    assert len(before) == 1
    assert before == populated.rows(query)


def test_champions_of_before_get_their_checksum_once(populated: ChurnHome) -> None:
    """As in a database from before it was recorded: `migrate` takes MLflow's word, and no more."""
    ledger = (
        "select challenger_version, manifest_sha256 is not null, reason "
        "from churn.model_promotions where is_promoted order by model_promotion_id"
    )
    wired = Installation(settings.load({"CHURN_HOME": str(populated.home)}))
    assert 1 == wired.warehouse.execute("update churn.model_promotions set manifest_sha256 = null")
    wired.warehouse.engine.dispose()

    assert "churn-subscribers version 1 is the champion on record" in populated.churn("migrate")
    assert "nothing to apply\n" == populated.churn("migrate")
    assert [
        ["1", "False", "there was no champion"],
        ["1", "True", "its checksum is on record from now on"],
    ] == populated.rows(ledger)
    assert "champion: version 1" in populated.churn("models")


@pytest.mark.story
def test_a_late_row_changes_no_earlier_date(populated: ChurnHome) -> None:
    """A ticket opened before a night and loaded after it leaves that night as it was."""
    query = (
        "select md5(string_agg(features::text, ';' order by customer_id)) "
        f"from analytics.fct_customer_features as features where as_of = '{UNTIL}'"
    )
    before = populated.rows(query)
    wired = Installation(settings.load({"CHURN_HOME": str(populated.home)}))
    late = (
        "insert into raw.support_tickets (ticket_id, customer_id, opened_at, loaded_at) "
        "select 'late-' || customer_id, customer_id, :opened, :loaded "
        "from analytics.fct_customer_features where as_of = :until limit 500"
    )
    opened = f"{UNTIL - timedelta(days=3)}T12:00Z"
    moments = {"opened": opened, "loaded": f"{UNTIL}T00:00Z", "until": UNTIL}
    assert wired.warehouse.execute(late, moments) == 500
    populated.churn("features", "--as-of", UNTIL)
    assert before == populated.rows(query)

    # The same tickets one microsecond earlier do change it, so the comparison can fail.
    moments["loaded"] = f"{UNTIL - timedelta(days=1)}T23:59:59.999999Z"
    assert wired.warehouse.execute(late, moments) == 500
    populated.churn("features", "--as-of", UNTIL)
    assert before != populated.rows(query)

    wired.warehouse.execute("delete from raw.support_tickets where ticket_id like 'late-%'")
    populated.churn("features", "--as-of", UNTIL)
    assert before == populated.rows(query)
    wired.warehouse.engine.dispose()


@pytest.mark.story
def test_a_source_column_gone_null_alerts_and_trains_nothing(populated: ChurnHome) -> None:
    """A feed that stops sending quantities is told as missing values; no model learns from it."""
    wired = Installation(settings.load({"CHURN_HOME": str(populated.home)}))
    emptied = wired.warehouse.execute(
        "update raw.usage_events set quantity = null where loaded_at >= :since",
        {"since": UNTIL - timedelta(days=1)},
    )
    wired.warehouse.engine.dispose()
    assert emptied > 100

    ours = replace(populated, environ={})  # with alibi-detect, where it is installed
    printed = ours.churn("run", "--as-of", UNTIL)
    assert "is the list" in printed
    assert [["unknown", "False"]] == populated.rows(
        f"select verdict, is_training_requested from churn.drift_verdicts where as_of = '{UNTIL}'"
    )
    assert [["drift_unknown"]] == populated.rows(
        f"select kind from churn.alerts where as_of = '{UNTIL}'"
    )


@pytest.mark.story
def test_training_refuses_a_feature_that_knows_the_future(
    populated: ChurnHome, tmp_path: Path
) -> None:
    """A column planted in the feature model, from after its as_of, is named, and no model comes."""
    for name in ("expectations", "sql"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(
        ROOT / "dbt_project", tmp_path / "dbt_project", ignore=shutil.ignore_patterns("target")
    )
    sql, declaration = (tmp_path / f"{MART}.{kind}" for kind in ("sql", "yml"))
    plant(
        sql,
        "        members.plan,\n",
        """        -- Of a few: a subquery a customer reads all events again.
        case when members.customer_id < 'C00000300' then coalesce((
            select sum(future.quantity)
            from {{ ref('stg_churn__usage_events') }} as future
            where
                future.customer_id = members.customer_id
                and future.occurred_at >= {{ midnight('members.as_of') }}
                and future.occurred_at < {{ midnight('members.as_of + 7') }}
        ), 0) else 0 end::double precision as usage_next_7d,
        members.plan,
""",
    )
    plant(
        declaration,
        "      - name: plan\n",
        """      - name: usage_next_7d
        data_type: double precision
        description: Use in the week to come.
        config: {meta: {feature: {kind: numeric, title: Use to come, unit: minutes}}}
      - name: plan
""",
    )
    ours = settings.load({"CHURN_HOME": str(populated.home)})
    schema = ours.warehouse.model_copy(update={"models_schema": "peeking"})
    peeking = Installation(ours.model_copy(update={"root": tmp_path, "warehouse": schema}))
    first = NIGHTS[0] - timedelta(days=93)
    snapshots = [first, first + timedelta(days=30), first + timedelta(days=60)]
    data.build_features(peeking, "subscribers", snapshots, NIGHTS[0])

    with pytest.raises(LeakSuspected, match="usage_next_7d"):
        model.train(peeking, "subscribers", NIGHTS[0])
    assert peeking.registry.version("subscribers", "challenger") is None
    peeking.warehouse.engine.dispose()


def plant(path: Path, before: str, after: str) -> None:
    """Replace the one occurrence of *before* in a file."""
    text = path.read_text("utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), "utf-8")
