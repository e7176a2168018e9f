"""Nights on which clocks jump, clocks that are wrong, and ninety nights in any order."""

import random
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.wiring import data
from tests.e2e.at_rest import EARLIER, NIGHT
from tests.faults.business import POPULATION, Business, wait
from tests.faults.checker import Checker
from tests.faults.conftest import Tell

FEATURES = (
    "select md5(string_agg(f::text, ';' order by customer_id)) "
    "from analytics.fct_customer_features as f where as_of = %s"
)
SLOW = pytest.mark.slow
STORY = pytest.mark.story


@pytest.mark.parametrize(
    ("zone", "jump", "switch"),
    [
        pytest.param(
            "Europe/Berlin", "forward", date(2026, 3, 29), id="Berlin-spring", marks=STORY
        ),
        pytest.param("Europe/Berlin", "back", date(2025, 10, 26), id="Berlin-autumn", marks=SLOW),
        pytest.param("America/New_York", "back", date(2025, 11, 2), id="NY-autumn", marks=SLOW),
    ],
)
def test_the_night_the_clocks_change(
    business: Business, tell: Tell, zone: str, jump: str, switch: date
) -> None:
    """Machine and session in a zone that skips or repeats an hour: the rows are those of UTC."""
    nights = [switch, switch + timedelta(days=1)]
    data.build_features(business.wired, POPULATION, nights, EARLIER)
    features = [business.rows(FEATURES, day) for day in nights]
    for day in nights:
        business.finish(day)
    lists = [business.seen(day) for day in nights]
    assert min(rows for rows, _, _ in lists) > 50
    checker = Checker(business, NIGHT, *[business.seen(NIGHT)[2]] * 2)
    business.churn_home.environ |= {"TZ": zone, "PGTZ": zone}
    business.churn_home.is_started_anew = True
    try:
        for day in nights:
            business.work("features", "score", as_of=day)
    finally:
        for name in ("TZ", "PGTZ"):
            del business.churn_home.environ[name]
        business.churn_home.is_started_anew = False
    for day in nights:
        business.publish(day)

    assert features == [business.rows(FEATURES, day) for day in nights]
    assert lists == [business.seen(day) for day in nights]
    checker.check_finished(checker.old)
    tell(f"clocks go {jump} in {zone}", "that night and the next: features and list as in UTC")


@pytest.mark.story
def test_clocks_of_sources_that_are_ahead(business: Business, tell: Tell) -> None:
    """A row that says it was known tomorrow is not known tonight."""
    checker = Checker(business, NIGHT, *[business.seen(NIGHT)[2]] * 2)
    before = business.rows(FEATURES, NIGHT)
    ahead = business.execute(
        "insert into raw.support_tickets (ticket_id, customer_id, opened_at, loaded_at) "
        "select 'ahead-' || customer_id, customer_id, "
        f"timestamptz '{NIGHT}T00:00Z' - interval '1 hour', timestamptz '{NIGHT}T00:00Z' "
        f"from analytics.fct_customer_features where as_of = '{NIGHT}' limit 300"
    )
    assert ahead == 300
    data.build_features(business.wired, POPULATION, [NIGHT], NIGHT)
    assert before == business.rows(FEATURES, NIGHT)
    business.finish()
    business.execute("delete from raw.support_tickets where ticket_id like 'ahead-%'")
    checker.check_finished(checker.old)
    tell("source clock ahead", "300 rows known from midnight on change nothing")


@pytest.mark.slow
def test_a_clock_of_ours_that_was_ahead(business: Business, tell: Tell) -> None:
    """What was stamped two days too late yesterday does not win over what is stamped today."""
    checker = Checker(business, NIGHT, *business.turn())
    stamped = business.execute(
        "update churn.score_runs set created_at = created_at + interval '2 days', "
        "published_at = published_at + interval '2 days'",
    )
    assert stamped > 2
    with checker.watched():
        business.work()
    checker.check_finished(checker.new)
    tell("our clock was two days ahead", "the new list: runs go by their number", checker.polls)


@pytest.mark.story
def test_a_clock_of_ours_that_is_set_back_or_forward(business: Business, tell: Tell) -> None:
    """Tonight is then a day that has not come, or one of which nothing has arrived: no list."""
    checker = Checker(business, NIGHT, *[business.seen(NIGHT)[2]] * 2)
    business.churn_home.environ["CHURN_FUTURE"] = ""
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    try:
        refused = business.run("run", as_of=tomorrow)
    finally:
        del business.churn_home.environ["CHURN_FUTURE"]
    assert (2, True) == (refused.returncode, "is after today" in refused.stderr)
    checker.check(checker.old)
    tell("our clock is set back", "the date is after today: exit 2")

    later = NIGHT + timedelta(days=60)
    assert 21 == business.run("run", as_of=later).returncode
    assert (0, 0, None) == business.seen(later)
    checker.check_finished(checker.old, alerts=["gate_sources"])
    tell("our clock is set forward", "nothing has arrived for weeks: gate sources exit 21")


@pytest.mark.story
def test_a_night_that_never_ran(business: Business, tell: Tell) -> None:
    """A scheduler that is down, a DAG that is paused: people are told once, and when it is over."""
    absent = NIGHT + timedelta(days=1)
    config = business.churn_home.home / "churn.toml"
    config.write_text(config.read_text("utf-8").replace("# deadline", "deadline"), "utf-8")
    data.build_features(business.wired, POPULATION, [absent], absent)
    checker = Checker(business, absent, None, None)
    words = f"no list of {POPULATION} for {absent} by 06:00 UTC"
    for _ in range(2):
        missing = business.run("watch", as_of=absent)
        assert (33, True) == (missing.returncode, words in missing.stderr)
    checker.check(None, alerts=["list_missing"])
    business.finish(absent)
    checker.new = business.seen(absent)[2]
    for _ in range(2):
        assert 0 == business.run("watch", as_of=absent).returncode
    checker.check_finished(checker.new, healed=["list_missing"])
    tell("a night that never ran", "watch exit 33 and one alert; it is over when the list is there")


@pytest.mark.slow
def test_ninety_nights_in_any_order(business: Business, tell: Tell, tmp_path: Path) -> None:
    """Killed on the way and begun again in another order: ninety whole lists, as if undisturbed."""
    days = [NIGHT - timedelta(days=back) for back in range(10, 100)]
    data.build_features(business.wired, POPULATION, days, NIGHT)
    checker = Checker(business, NIGHT, *[business.seen(NIGHT)[2]] * 2)
    earlier = len(published(business))

    log = tmp_path / "backfill.log"
    first = begin(business, random.Random(1).sample(days, len(days)), log)
    some = earlier + 20
    wait("twenty nights", lambda: len(published(business)) >= some or first.poll() is not None)
    business.kill(first)
    interrupted = len(published(business)) - earlier
    assert 20 <= interrupted < 90, log.read_text("utf-8")
    second = begin(business, random.Random(2).sample(days, len(days)), log)
    assert second.wait(600) == 0, log.read_text("utf-8")

    assert set(days) <= published(business)
    shown = {day: business.seen(day) for day in days}
    for day in days[::30]:
        business.finish(day)
        assert shown[day] == business.seen(day)
    checker.others |= shown
    checker.check_finished(checker.old)
    tell(
        "90-day backfill in random order, kill -9 on the way",
        "{done} lists, then in another order all 90 whole; a re-run changes none",
        done=interrupted,
    )


def begin(business: Business, days: list[date], log: Path) -> subprocess.Popen[str]:
    """Start one process that does the nights of *days* in their order; *log* has its errors."""
    with log.open("w") as stderr:
        return business.spawn(
            sys.executable, "-m", "tests.faults.backfill", *days, stderr=stderr.fileno()
        )


def published(business: Business) -> set[date]:
    """Return the dates that have a list."""
    query = "select as_of from churn.score_runs where status = 'published'"

    return {day for (day,) in business.rows(query)}
