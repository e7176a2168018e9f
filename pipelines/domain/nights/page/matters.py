"""What is open on the morning after a night, and who acts on it."""

import re
from dataclasses import dataclass
from datetime import date

from pipelines.domain.alerts.message import MOST_IN_TITLE
from pipelines.domain.alerts.plain import at_most, one_line
from pipelines.domain.nights.page.answers import Answers

NEXT = re.compile(r"^Next: (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Matter:
    """
    Something that is open.

    Attributes:
        severity: How urgent it is: critical or warning.
        title: In one line.
        since: Its first night; None where that is this one.
        owner: Who acts on it.
        next_command: What to type next; empty where there is nothing to type.
    """

    severity: str
    title: str
    since: date | None
    owner: str
    next_command: str


def matters(as_of: date, answers: Answers, told: str = "") -> list[Matter]:
    """
    Return what is open, the most urgent first; what is only news is nobody's to act on.

    Args:
        as_of: The night.
        answers: To the question `alerts`.
        told: Title of the alert that the page begins with, which is not repeated.
    """
    return [
        Matter(
            severity=str(alert["severity"]),
            title=one_line(at_most(str(alert["title"]), MOST_IN_TITLE)),
            since=None if alert["began_on"] == as_of else alert["began_on"],
            owner=str(alert["owner"]),
            next_command=next_command(str(alert["body"])),
        )
        for alert in answers["alerts"].rows
        if not alert["is_resolved"] and alert["severity"] != "info" and alert["title"] != told
    ]


def next_command(body: str) -> str:
    """Return what an alert says to type next: its last such line; data may have others."""
    return next(iter(NEXT.findall(body)[::-1]), "")
