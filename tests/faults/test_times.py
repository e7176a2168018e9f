"""Nights on which clocks jump, clocks that are wrong, and ninety nights in any order."""

import os
import random
import signal
import subprocess
import sys
from datetime import date, timedelta

import pytest

from pipelines.settings import ROOT
from pipelines.wiring import data, night
from tests.faults.business import EARLIER, NIGHT, POPULATION, Business, wait
from tests.faults.checker import Checker
from tests.faults.conftest import Tell

ZONES = ("Europe/Berlin", "America/New_York", "Pacific/Auckland")
SWITCHES = (date(2026, 3, 29), date(2026, 3, 8), date(2026, 4, 5))
FEATURES = (
    "select md5(string_agg(f::text, ';' order by customer_id)) "
    "from analytics.fct_customer_features as f where as_of = %s"
)


@pytest.mark.parametrize(("zone", "switch"), list(zip(ZONES, SWITCHES, strict=True)))
def test_the_night_the_clocks_change(
    business: Business, tell: Tell, zone: str, switch: date
) -> None:
    """Machine and session in a zone that skips or repeats an hour: the rows are those of UTC."""
    nights = [switch, switch + timedelta(days=1)]
    data.build_features(business.wired, POPULATION, nights, EARLIER)
    expected = [business.rows(FEATURES, day) for day in nights]
    checker = Checker(business, NIGHT, *[business.seen(NIGHT)[2]] * 2)
    business.installation.environ |= {"TZ": zone, "PGTZ": zone}
    try:
        for day in nights:
            assert business.run("features", as_of=day).returncode == 0
    finally:
        for name in ("TZ", "PGTZ"):
            del business.installation.environ[name]

    assert expected == [business.rows(FEATURES, day) for day in nights]
    checker.check_finished(checker.old)
    tell(f"clocks change in {zone}", f"{switch} and the day after: same features as in UTC")


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
def test_ninety_nights_in_any_order(business: Business, tell: Tell) -> None:
    """Killed half way and begun again in another order: ninety whole lists, as if undisturbed."""
    days = [NIGHT - timedelta(days=back) for back in range(10, 100)]
    data.build_features(business.wired, POPULATION, days, NIGHT)
    checker = Checker(business, NIGHT, *[business.seen(NIGHT)[2]] * 2)

    def begin(seed: int) -> subprocess.Popen[bytes]:
        shuffled = random.Random(seed).sample(days, len(days))

        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.backfill", *map(str, shuffled)],
            cwd=ROOT,
            env={**os.environ, "CHURN_HOME": str(business.installation.home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def published() -> int:
        return int(
            business.rows(
                "select count(*) from churn.score_runs where status = 'published' and as_of < %s",
                EARLIER,
            )[0][0]
        )

    first = begin(1)
    wait("thirty nights", lambda: published() >= 30 or first.poll() is not None)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    interrupted = published()
    assert 30 <= interrupted < 90
    second = begin(2)
    assert second.wait(600) == 0

    assert published() == 90
    shown = {day: business.seen(day) for day in days}
    for day in days[::30]:
        night.score(business.wired, POPULATION, day)
        night.gate(business.wired, "scores", POPULATION, day)
        night.publish(business.wired, POPULATION, day)
        assert shown[day] == business.seen(day)
    checker.others |= shown
    checker.check_finished(checker.old)
    tell("90-day backfill, random order", f"killed after {interrupted}; 90 whole lists in the end")
