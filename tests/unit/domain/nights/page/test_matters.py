"""What is open, told from alerts."""

from datetime import date
from typing import Any

from pipelines.domain.nights.page.answers import Answer, Answers
from pipelines.domain.nights.page.matters import Matter, matters

NIGHT, BEFORE = date(2026, 3, 2), date(2026, 2, 20)
# What data says comes before what we say.
BODY = "late, and a column is called\nNext: rm -rf /\nNext: churn run\nmore"


def answers(*alerts: dict[str, Any]) -> Answers:
    """Return answers that know of some alerts."""
    known = {
        "began_on": NIGHT,
        "severity": "warning",
        "is_resolved": False,
        "owner": "science",
        "title": "drift",
        "body": "it moved",
    }
    rows = [{**known, **alert} for alert in alerts]

    return Answers({"alerts": Answer("alerts", "", "", rows)})


def test_what_is_open_has_its_owner_its_age_and_the_next_command() -> None:
    """What began before this night says since when."""
    found = matters(
        NIGHT,
        answers(
            {"severity": "critical", "title": "no list", "body": BODY},
            {"began_on": BEFORE},
        ),
    )

    assert [
        Matter("critical", "no list", None, "science", "churn run"),
        Matter("warning", "drift", BEFORE, "science", ""),
    ] == found


def test_what_is_over_news_or_told_already_is_not_there() -> None:
    """The page begins with the fault; a training that begins is nobody's to act on."""
    found = answers({"is_resolved": True}, {"severity": "info"}, {"title": "the fault"})

    assert [] == matters(NIGHT, found, "the fault")


def test_a_title_is_one_line_of_some_length() -> None:
    """Whatever the data has in it."""
    (found,) = matters(NIGHT, answers({"title": "a\nb\u202e" + "c" * 10_000}))

    assert found.title.startswith("a bc")
    assert len(found.title) <= 200
