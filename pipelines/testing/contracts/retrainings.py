"""What becomes of decisions whether a model is trained, wherever they are kept."""

from dataclasses import replace
from datetime import date

from pipelines.domain.ports.retraining import Retrainings
from pipelines.domain.retraining.decision import RetrainingDecision

STARTED = RetrainingDecision(
    population="subscribers",
    as_of=date(2026, 3, 1),
    model_version=4,
    action="retrain",
    causes=("drift", "outcomes"),
    reason="A training is started. drifted: usage_7d.",
)
WAITED = replace(STARTED, as_of=date(2026, 3, 2), action="wait", causes=("drift",))
QUIET = replace(STARTED, as_of=date(2026, 3, 3), action="nothing", causes=())


class RetrainingsContract:
    """Tests of a record without a decision, which a subclass provides as the fixture `record`."""

    def test_at_first_nothing_was_decided(self, record: Retrainings) -> None:
        """That is no fault."""
        assert [] == record.before("subscribers", date(2026, 3, 9))
        assert record.of_night("subscribers", date(2026, 3, 1)) is None

    def test_decisions_come_back_whole_oldest_first(self, record: Retrainings) -> None:
        """In the order of their nights, whenever they were made; that of *as_of* is not before."""
        for decision in (QUIET, STARTED, WAITED):
            record.record(decision)

        assert [STARTED, WAITED] == record.before("subscribers", QUIET.as_of)
        assert QUIET == record.of_night("subscribers", QUIET.as_of)

    def test_a_night_that_is_decided_again_has_one_decision(self, record: Retrainings) -> None:
        """The later replaces the earlier."""
        again = replace(STARTED, action="ask", causes=("outcomes",), model_version=5, reason="r")
        record.record(STARTED)
        record.record(again)

        assert [again] == record.before("subscribers", QUIET.as_of)

    def test_each_population_has_its_own(self, record: Retrainings) -> None:
        """A decision about another is not listed."""
        record.record(replace(STARTED, population="trial"))

        assert [] == record.before("subscribers", QUIET.as_of)
        assert record.of_night("subscribers", STARTED.as_of) is None
