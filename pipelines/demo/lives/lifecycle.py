"""The lifecycle of subscribers, week by week: arrive, use, pay, complain, decide, leave, return."""

from dataclasses import dataclass

import numpy as np

from pipelines.demo.lives import causes, weekly_events
from pipelines.demo.lives.journal import Journal
from pipelines.demo.lives.people import USAGE_SPREAD, People
from pipelines.demo.lives.subscribers import MOVED, PAYMENT_FAILED, Subscribers
from pipelines.demo.lives.weekly_events import Week
from pipelines.demo.timeline import STEP_DAYS, Floats, Ints, Timeline

# The business is so much older than its history that it neither grows nor ages any more.
YEARS_BEFORE = 6
ARRIVAL_SEASON_DAYS = 2.0
SPARE_ROOM = 0.3

VOLUNTARY_SHARES = (0.34, 0.28, 0.16, 0.14, 0.08)

FADING_SHARE = 0.85
FADING_DAYS = (28, 60)
SUDDEN_DAYS = (1, 12)
MIND_CHANGED_SHARE = 0.12

RETURN_SHARE = 0.15
RETURN_DAYS = (10, 120)

EVENTS_A_WEEK = 1.95
USAGE_DEVIATION = 0.3
USAGE_MEMORY = 0.92
PAUSE_A_WEEK = 0.004
PAUSE_DAYS = (10, 28)
PAUSE_FACTOR = 0.15


@dataclass(frozen=True, slots=True)
class Life:
    """
    A business that was lived.

    Attributes:
        people: Everybody who ever came.
        subscribers: Their subscriptions, as they were at the end.
        journal: What happened to them.
    """

    people: People
    subscribers: Subscribers
    journal: Journal


def live(people: People, timeline: Timeline, rng: np.random.Generator) -> Life:
    """
    Let *people* arrive over the years up to the end of the history, and live.

    Args:
        people: Arrive evenly over the years, slightly more often in winter.
        timeline: Its last `weeks` weeks are written down as usage.
        rng: Everything that is left to chance.
    """
    size = len(people.plan)
    weeks = timeline.weeks + YEARS_BEFORE * 52
    subscribers = Subscribers.room_for(int(size * (1 + SPARE_ROOM)) + 100)
    arrival = np.sort(rng.uniform(-weeks * STEP_DAYS, 0, size))
    arrival -= ARRIVAL_SEASON_DAYS * np.sin(timeline.phase(arrival))
    arrival = np.clip(arrival, -weeks * STEP_DAYS, -0.01)
    subscribers.open(people, rng.permutation(size), arrival, rng)
    journal = Journal(np.zeros((len(subscribers.person), timeline.weeks), np.float32))

    running = np.zeros(0, np.int64)
    for number in range(-weeks, 0):
        week = Week(people, subscribers, journal, number * STEP_DAYS, rng)
        running = _leave(week, running)
        _remember(week, running)
        weekly_events.happen(week, running)
        _decide(week, running)

        started = subscribers.started[: subscribers.used]
        new = np.flatnonzero((started >= week.day) & (started < week.ends))
        journal.note_states(subscribers, new, started[new])
        running = np.concatenate([running, new])
        if timeline.weeks + number >= 0:
            journal.rates[running, timeline.weeks + number] = _usage_rates(week, running)

    return Life(people, subscribers, journal)


def _leave(week: Week, running: Ints) -> Ints:
    """End what is to end this week, let some come back later, return what still runs."""
    people, subscribers, rng = week.people, week.subscribers, week.rng
    is_due = subscribers.leaves_on[running] < week.ends
    due = running[is_due]
    is_leaving = ~subscribers.changes_mind[due]
    gone, staying = due[is_leaving], due[~is_leaving]
    subscribers.ended[gone] = subscribers.leaves_on[gone]
    subscribers.leaves_on[staying] = np.inf
    subscribers.fades_from[staying] = np.inf

    is_back = (rng.random(len(gone)) < RETURN_SHARE) & (subscribers.reason[gone] != PAYMENT_FAILED)
    back = gone[is_back]
    returns_on = subscribers.ended[back] + rng.uniform(*RETURN_DAYS, len(back))
    is_within = returns_on < -0.01
    subscribers.open(people, subscribers.person[back[is_within]], returns_on[is_within], rng)

    return np.concatenate([running[~is_due], staying])


def _remember(week: Week, running: Ints) -> None:
    """Move usage a little, let bad memories fade, begin pauses."""
    subscribers, rng = week.subscribers, week.rng
    size = len(running)
    innovation = np.sqrt(1 - USAGE_MEMORY**2) * rng.normal(0, 1, size)
    subscribers.deviation[running] = USAGE_MEMORY * subscribers.deviation[running] + innovation
    subscribers.discontent[running] *= causes.DISCONTENT_KEPT_A_WEEK
    subscribers.price_pain[running] *= causes.PRICE_PAIN_KEPT_A_WEEK
    subscribers.downgraded[running] *= causes.DOWNGRADED_KEPT_A_WEEK

    pausing = running[rng.random(size) < PAUSE_A_WEEK]
    subscribers.away_until[pausing] = week.day + rng.uniform(*PAUSE_DAYS, len(pausing))


def _decide(week: Week, running: Ints) -> None:
    """Let those who have not decided yet decide to leave, for a cause or by circumstance."""
    people, subscribers, rng = week.people, week.subscribers, week.rng
    rows = running[np.isinf(subscribers.leaves_on[running])]
    person = subscribers.person[rows]
    to_term = subscribers.term_ends[rows] - week.day
    chance = causes.chance_to_decide(
        causes.Circumstances(
            contract=subscribers.contract[rows],
            days_to_term=to_term,
            tenure_days=week.day - subscribers.started[rows],
            usage_level=people.usage_level[person],
            usage_deviation=subscribers.deviation[rows],
            discontent=subscribers.discontent[rows],
            price_pain=subscribers.price_pain[rows] * people.price_sensitivity[person],
            downgraded=subscribers.downgraded[rows],
            lateness=people.lateness[person],
            payment_method=subscribers.method[rows],
            channel=people.channel[person],
            age_years=people.age_years[person],
            unseen=people.unseen[person],
        )
    )
    luck = rng.random(len(rows))
    is_moved = rng.random(len(rows)) < causes.CIRCUMSTANCE_A_WEEK
    is_decided = (luck < chance) | is_moved

    rows, is_moved, to_term = rows[is_decided], is_moved[is_decided], to_term[is_decided]
    size = len(rows)
    is_fading = (rng.random(size) < FADING_SHARE) & ~is_moved
    lead = np.where(is_fading, rng.uniform(*FADING_DAYS, size), rng.uniform(*SUDDEN_DAYS, size))
    is_at_term = (to_term < causes.TERM_ENDING_DAYS) & ~is_moved
    leaves_in = np.where(is_at_term, to_term, STEP_DAYS + lead)

    subscribers.leaves_on[rows] = week.day + leaves_in
    subscribers.fades_from[rows] = np.where(is_fading, week.ends, np.inf)
    subscribers.fades_to[rows] = rng.uniform(0.0, 0.25, size)
    subscribers.changes_mind[rows] = (
        is_fading & ~is_at_term & (rng.random(size) < MIND_CHANGED_SHARE)
    )
    voluntary = rng.choice(len(VOLUNTARY_SHARES), size, p=VOLUNTARY_SHARES)
    subscribers.reason[rows] = np.where(is_moved, MOVED, voluntary)


def _usage_rates(week: Week, running: Ints) -> Floats:
    """Return the usage events expected of each of *running* this week."""
    people, subscribers = week.people, week.subscribers
    person = subscribers.person[running]
    middle = week.day + STEP_DAYS / 2
    is_fading = np.isfinite(subscribers.fades_from[running])
    fades_from = np.where(is_fading, subscribers.fades_from[running], middle)
    length = np.maximum(subscribers.leaves_on[running] - fades_from, 1.0)
    # Half way through the fading nothing but the rest is left.
    progress = np.clip(2 * (middle - fades_from) / length, 0, 1)
    fading = 1 - (1 - subscribers.fades_to[running]) * progress
    pause = np.where(subscribers.away_until[running] > middle, PAUSE_FACTOR, 1.0)
    usual = np.exp(
        USAGE_SPREAD * people.usage_level[person] + USAGE_DEVIATION * subscribers.deviation[running]
    )

    return np.asarray(EVENTS_A_WEEK * usual * fading * pause, dtype=np.float64)
