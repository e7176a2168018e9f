"""What follows from the evidence of a night."""

from datetime import date, timedelta

import pytest

from pipelines.domain.drift.report import NightVerdict
from pipelines.domain.retraining.decision import Action, RetrainingDecision
from pipelines.domain.retraining.governor import Evidence, Patience, decide
from pipelines.domain.training.promotion import Promotion

NIGHT = date(2026, 6, 30)
POPULATION = "subscribers"
PATIENCE = Patience(cooldown_days=7, most_a_month=4, tries=3)
DRIFTED = Evidence(drift="drifted", drift_reason="drifted: usage_7d (moved by 0.39 sd)")


def ago(days: int) -> date:
    """Return the date that many days before the night."""
    return NIGHT - timedelta(days=days)


def decided(days: int, action: Action = "retrain") -> RetrainingDecision:
    """Return the decision of so many nights before."""
    return RetrainingDecision(
        population=POPULATION,
        as_of=ago(days),
        model_version=1,
        action=action,
        causes=("drift",),
        reason="r",
    )


def promoted(days: int, *, challenger: int = 2, champion: int | None = 1) -> Promotion:
    """Return that a version was made champion so many nights before."""
    return Promotion(
        population=POPULATION,
        as_of=ago(days),
        champion_version=champion,
        challenger_version=challenger,
        is_promoted=True,
        reason="better",
    )


def follows(
    evidence: Evidence,
    *earlier: RetrainingDecision,
    promotions: tuple[Promotion, ...] = (),
    patience: Patience = PATIENCE,
) -> RetrainingDecision:
    """Decide for the night."""
    return decide(
        POPULATION,
        NIGHT,
        model_version=1,
        evidence=evidence,
        earlier=earlier,
        promotions=promotions,
        patience=patience,
    )


@pytest.mark.parametrize(
    ("drift", "findings", "expected"),
    [
        (None, (), ("nothing", ())),
        ("quiet", (), ("nothing", ())),
        ("unknown", (), ("alert", ())),
        ("drifted", (), ("retrain", ("drift",))),
        ("quiet", ("precision fell",), ("retrain", ("outcomes",))),
        ("unknown", ("precision fell",), ("retrain", ("outcomes",))),
        (None, ("precision fell",), ("retrain", ("outcomes",))),
        ("drifted", ("precision fell",), ("retrain", ("drift", "outcomes"))),
    ],
)
def test_evidence_starts_a_training_and_a_broken_feed_does_not(
    drift: NightVerdict | None, findings: tuple[str, ...], expected: tuple[Action, tuple[str, ...]]
) -> None:
    """What came of old lists counts whatever tonight's feed is like."""
    found = follows(Evidence(drift=drift, findings=findings))

    assert expected == (found.action, found.causes)


@pytest.mark.parametrize(("days", "action"), [(1, "wait"), (6, "wait"), (7, "retrain")])
def test_between_two_trainings_there_is_time(days: int, action: Action) -> None:
    """The last day of the cool-down waits, the one after does not."""
    assert action == follows(DRIFTED, decided(days)).action


def test_only_what_started_a_training_is_waited_for() -> None:
    """Nights that told, waited or asked start no cool-down."""
    earlier = [decided(3, "alert"), decided(2, "wait"), decided(1, "ask")]

    assert "retrain" == follows(DRIFTED, *earlier).action


@pytest.mark.parametrize(("days", "action"), [(29, "ask"), (30, "retrain")])
def test_a_month_has_enough_of_them(days: int, action: Action) -> None:
    """The fourth in thirty days is the last; each had been worth it."""
    earlier = [decided(each) for each in (days, 22, 15, 8)]

    found = follows(DRIFTED, *earlier, promotions=(promoted(8),))

    assert action == found.action
    assert ("4 trainings were started in 30 days" in found.reason) == (action == "ask")


def test_trainings_in_vain_end_with_a_person() -> None:
    """Three in a row that promoted nobody are no reason for a fourth."""
    earlier = [decided(each) for each in (100, 80, 60)]
    found = follows(DRIFTED, *earlier)

    assert "ask" == found.action
    assert "The last 3 trainings promoted nobody" in found.reason


@pytest.mark.parametrize(
    ("promotion", "action"),
    [
        (promoted(80), "retrain"),
        (promoted(60), "retrain"),
        (promoted(101), "ask"),
        (promoted(60, challenger=1, champion=1), "ask"),
    ],
    ids=["after one of them", "on the day of the last", "before all", "a checksum of the same"],
)
def test_a_promotion_begins_the_count_anew(promotion: Promotion, action: Action) -> None:
    """Those before it were not in vain; a checksum that is recorded promotes nobody."""
    earlier = [decided(each) for each in (100, 80, 60)]

    assert action == follows(DRIFTED, *earlier, promotions=(promotion,)).action


def test_a_night_that_is_run_again_decides_the_same() -> None:
    """Its own decision and later ones do not count."""
    assert follows(DRIFTED) == follows(DRIFTED, decided(0), decided(-1))


def test_the_reason_names_all_of_the_evidence() -> None:
    """What follows comes first, and what it follows from after it."""
    found = follows(
        Evidence(drift="drifted", drift_reason="drifted: plan", findings=("precision fell.",))
    )

    assert found.reason == (
        "A training is started; the new model has to beat the champion. drifted: plan. "
        "precision fell."
    )
