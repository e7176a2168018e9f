"""How a night ended, told from what is known of it."""

from datetime import date
from typing import Any

import pytest

from pipelines.domain.nights.page.answers import Answer, Answers
from pipelines.domain.nights.page.state import ending

NIGHT, BEFORE = date(2026, 3, 2), date(2026, 3, 1)
AGAIN = "churn run --population subscribers --as-of 2026-03-02"


def alert(kind: str, *, as_of: date = NIGHT, is_resolved: bool = False) -> dict[str, Any]:
    """Return an alert."""
    return {
        "as_of": as_of,
        "kind": kind,
        "is_resolved": is_resolved,
        "owner": "data",
        "title": f"about {kind}",
        "body": f"why {kind}\nNext: churn mend {kind}\nmore",
    }


def known(**rows: list[dict[str, Any]]) -> Answers:
    """Return answers with some rows."""
    return Answers({name: Answer(name, "", "", found) for name, found in rows.items()})


LISTED = [{"list_date": NIGHT}]
OLDER = [{"list_date": BEFORE}]
REFUSED = [{"status": "rejected", "reason": "tiers moved"}]


@pytest.mark.parametrize(
    ("state", "answers"),
    [
        ("published", known(list=LISTED)),
        ("published", known(list=LISTED, alerts=[alert("failed_drift")])),
        ("published", known(list=LISTED, attempts=REFUSED, alerts=[alert("gate_scores")])),
        ("held", known(list=OLDER, attempts=REFUSED)),
        ("held", known(list=OLDER, gates=[{"failed": 2}])),
        ("held", known(alerts=[alert("failed_notify"), alert("gate_sources")])),
        ("failed", known(list=OLDER, alerts=[alert("failed_score")])),
        ("failed", known(gates=[{"failed": 0}], alerts=[alert("failed_score")])),
        ("unfinished", known()),
        ("unfinished", known(list=OLDER, gates=[{"failed": 0}])),
        ("unfinished", known(list=OLDER, alerts=[alert("failed_score", as_of=BEFORE)])),
        ("unfinished", known(list=OLDER, alerts=[alert("failed_score", is_resolved=True)])),
        ("unfinished", known(list=OLDER, alerts=[alert("drift")])),
        ("unfinished", known(attempts=[{"status": "staged", "reason": None}])),
    ],
)
def test_a_night_ends_in_one_way(state: str, answers: Answers) -> None:
    """A list goes before a refusal, and that before a failure."""
    assert state == ending("subscribers", NIGHT, answers).state


def test_the_next_command_is_that_of_the_alert() -> None:
    """Its line is taken out of what is told."""
    fault = ending("subscribers", NIGHT, known(alerts=[alert("gate_sources")])).fault

    assert fault is not None
    assert ("about gate_sources", "data", "churn mend gate_sources") == (
        *(fault.title, fault.owner, fault.next_command),
    )
    assert "Next:" not in fault.body


def test_without_an_alert_the_reason_of_the_attempt_is_told() -> None:
    """And the night is what is run next."""
    fault = ending("subscribers", NIGHT, known(attempts=REFUSED)).fault

    assert fault is not None
    assert ("tiers moved", AGAIN) == (fault.body, fault.next_command)


def test_a_published_night_tells_of_a_later_attempt_that_was_refused() -> None:
    """The list stays, and somebody should know."""
    answers = known(list=LISTED, attempts=REFUSED, alerts=[alert("gate_scores")])

    assert ending("subscribers", NIGHT, answers).fault is not None
    assert ending("subscribers", NIGHT, known(list=LISTED)).fault is None
