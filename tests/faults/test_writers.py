"""Several that want the same, and gates that say no."""

import subprocess

import pytest

from pipelines.wiring import data, night
from tests.e2e.at_rest import NIGHT, UNTIL
from tests.faults.business import (
    NO_SCORES_WRITTEN,
    POPULATION,
    WAIT_SECONDS,
    Business,
    no_flip,
    wait,
)
from tests.faults.checker import Checker
from tests.faults.conftest import Tell

# Who waits for a statement of ours, or for somebody who does. Losers may wait for each other for a
# moment: all of them leave the same row that says so.
WRITERS = """
with recursive chain (pid) as (
  select pid from pg_stat_activity where state = 'idle in transaction' and query = %s
  union
  select waiting.pid
  from pg_locks as waiting
  inner join chain on chain.pid = any(pg_blocking_pids(waiting.pid))
  where not waiting.granted
)

select distinct chain.pid
from chain
inner join pg_locks as waiting on waiting.pid = chain.pid
where not waiting.granted
"""


@pytest.mark.parametrize(
    ("command", "hold"),
    [
        pytest.param(
            "features",
            "lock table analytics.fct_customer_features in share mode",
            id="features",
            marks=pytest.mark.slow,
        ),
        pytest.param("score", NO_SCORES_WRITTEN, id="score", marks=pytest.mark.slow),
        pytest.param("publish", no_flip(NIGHT), id="publish"),
    ],
)
def test_the_same_date_four_times_at_once(
    business: Business, tell: Tell, command: str, hold: str
) -> None:
    """Of four, one does it; three end with 75 and say who does."""
    checker = Checker(business, NIGHT, *business.turn())
    if command == "publish":
        business.stage()
    with checker.watched():
        with business.held(hold):
            four = [business.start(command) for _ in range(4)]
            three_ended(business, four, hold)
        said = {process: process.communicate(timeout=WAIT_SECONDS)[1] for process in four}
        assert [0, 75, 75, 75] == sorted(process.returncode for process in four)
        winner = next(process for process in four if process.returncode == 0)
        holder = f"now it is churn {command} (process {winner.pid} on "
        losers = [text for process, text in said.items() if process is not winner]
        assert [] == [text for text in losers if holder not in text]
        if command == "features":
            business.put_features(business.lists.index(checker.new or ""))
        if command != "publish":
            business.finish()
    checker.check_finished(checker.new, healed=[f"failed_{command}"])
    outcome = "one does it, three exit 75 and name it; the row they left is over"
    tell(f"{command}: four at once", outcome, checker.polls)


def three_ended(business: Business, four: list[subprocess.Popen[str]], hold: str) -> None:
    """Return when three of four have ended; end them all if two wait for what *hold* locks."""

    def ended() -> bool:
        assert len(business.rows(WRITERS, hold)) < 2, "two write at once"
        return sum(process.poll() is not None for process in four) == 3

    try:
        wait("three losers", ended)
    except AssertionError:
        for process in four:
            business.kill(process)
        raise


@pytest.mark.story
def test_a_gate_that_fails_holds_the_list(business: Business, tell: Tell) -> None:
    """Scores that are no probabilities are not published, today nor again, and one alert tells."""
    current = "select score_date, run_id, count(*) from churn.scores_current group by 1, 2"
    before = business.rows(current)
    data.build_features(business.wired, POPULATION, [UNTIL], UNTIL)
    checker = Checker(business, UNTIL, None, None)
    with checker.watched():
        for _ in range(2):
            night.score(business.wired, POPULATION, UNTIL)
            tampered = business.execute(
                "update churn.scores set churn_probability = 1.5 where run_id = (select run_id "
                f"from churn.score_runs where as_of = '{UNTIL}' and status = 'staged')"
            )
            assert tampered > 500
            assert business.run("gate", "scores", as_of=UNTIL).returncode == 21
            assert business.run("publish", as_of=UNTIL).returncode == 32
    checker.check_finished(None, alerts=["gate_scores"])
    assert before == business.rows(current)
    tell("gate scores: fails twice", "gate exit 21, publish 32, one alert", checker.polls)


@pytest.mark.slow
def test_a_list_no_gate_has_seen(business: Business, tell: Tell) -> None:
    """Publishing what was staged and not checked is refused."""
    checker = Checker(business, NIGHT, *business.turn())
    with checker.watched():
        assert business.run("score").returncode == 0
        refused = business.run("publish")
        assert refused.returncode == 32
        assert "churn gate scores" in refused.stderr
        checker.check(checker.old)
        business.work("gate scores", "publish")
    checker.check_finished(checker.new)
    tell("publish: before any gate", "exit 32; after the gate it works", checker.polls)


def test_a_published_list_is_changed_by_hand(business: Business, tell: Tell) -> None:
    """All a little higher: no other night tells, the model does; the night again is the list."""
    checker = Checker(business, NIGHT, *business.turn())
    business.finish()
    changed = business.execute(
        "update churn.scores set churn_probability = churn_probability * 1.06 where run_id = "
        f"(select run_id from churn.score_runs where as_of = '{NIGHT}' and status = 'published')"
    )
    assert changed > 500
    done = business.run("drift")
    assert done.returncode == 0, done.stderr
    ((verdict, reason, title),) = business.rows(
        "select judged.verdict, judged.reason, alerts.title from churn.drift_verdicts as judged "
        "inner join churn.alerts using (population, as_of) "
        "where as_of = %s and alerts.kind = 'drift_unknown' and resolved_at is null",
        NIGHT,
    )
    assert "unknown" == verdict
    assert "*scored again*" in reason
    assert "have another probability than the model gives them now, by +" in reason
    assert "drift cannot be judged" in title

    checker.old = business.seen(NIGHT)[2]
    with checker.watched():
        business.finish()
    business.work("drift")
    checker.check_finished(checker.new, healed=["drift_unknown"])
    tell("list: all scores times 1.06", "told the same night; the night again mends", checker.polls)
