"""Who is told of a list that is not there, how often, and when it is."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from pipelines.domain.alerts.alert import Alert
from pipelines.errors import ListMissing
from pipelines.steps.night.watch import watch
from pipelines.testing.alerts import MemoryOutbox
from pipelines.testing.scores import MemoryScores
from tests.unit.steps.subscribers import NIGHT, POPULATION, before, stage


@dataclass
class Morning:
    """Score runs, and the alerts about them."""

    scores: MemoryScores = field(default_factory=MemoryScores)
    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)

    def publish(self, as_of: date) -> None:
        """Publish a list of one customer."""
        self.scores.publish(stage(self.scores, [0.5], as_of=as_of))

    def watch(self, as_of: date = NIGHT) -> str:
        """Run the step."""
        return watch(
            population=POPULATION,
            as_of=as_of,
            deadline="06:00",
            scores=self.scores,
            outbox=self.outbox,
        )

    def told(self, kind: str) -> list[Alert]:
        """Return the open alerts of one kind."""
        found = self.outbox.unresolved(POPULATION, before(30), NIGHT + timedelta(days=30))

        return [recorded.alert for recorded in found if recorded.alert.kind == kind]


@pytest.fixture
def morning() -> Morning:
    """Yesterday's list is the last."""
    morning = Morning()
    morning.publish(before(1))

    return morning


def test_a_list_that_is_missing_is_told_once(morning: Morning) -> None:
    """However often one looks; the alert says which list people see instead."""
    for _ in range(3):
        with pytest.raises(ListMissing, match="no list of subscribers for 2026-06-30 by 06:00 UTC"):
            morning.watch()

    (alert,) = morning.told("list_missing")
    assert "no list of subscribers for 2026-06-30 by 06:00 UTC" == alert.title
    assert alert.body.startswith("People see the list of 2026-06-29. Nothing was heard of")


def test_it_says_what_the_night_told(morning: Morning) -> None:
    """A gate that held the list is named in the alert, and one of another night is not."""
    for as_of, title in ((NIGHT, "rows are missing"), (before(1), "too old")):
        morning.outbox.add(
            Alert(
                population=POPULATION,
                as_of=as_of,
                kind="gate_sources",
                severity="critical",
                title=title,
                body="",
                owner="data",
            )
        )
    with pytest.raises(ListMissing):
        morning.watch()

    (alert,) = morning.told("list_missing")
    assert "Open alerts of that night: rows are missing." in alert.body


def test_it_is_over_when_the_list_is_there(morning: Morning) -> None:
    """`churn notify` tells so to whoever was told that it is missing."""
    with pytest.raises(ListMissing):
        morning.watch()
    morning.publish(NIGHT)

    assert ["subscribers: the list of 2026-06-30 is there"] * 2 == [
        morning.watch(),
        morning.watch(),
    ]
    assert [] == morning.told("list_missing")


def test_a_list_made_days_later_is_there_as_well(morning: Morning) -> None:
    """While today's is still missing."""
    with pytest.raises(ListMissing):
        morning.watch()
    morning.publish(NIGHT)
    with pytest.raises(ListMissing):
        morning.watch(NIGHT + timedelta(days=1))

    assert [NIGHT + timedelta(days=1)] == [alert.as_of for alert in morning.told("list_missing")]


def test_a_list_in_time_is_nothing_to_tell(morning: Morning) -> None:
    """Nobody is told that all is well."""
    morning.publish(NIGHT)

    assert "subscribers: the list of 2026-06-30 is there" == morning.watch()
    assert [] == morning.told("list_missing")


def test_before_its_first_list_nothing_is_expected() -> None:
    """A population that is being set up is nobody's alarm."""
    empty = Morning()
    stage(empty.scores, [0.5])

    assert "subscribers: no list was ever published, so none is expected" == empty.watch()
    assert [] == empty.told("list_missing")
