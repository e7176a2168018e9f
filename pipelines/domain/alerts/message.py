"""A message: everything one channel is to tell of one night of one population."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from pipelines.domain.alerts.alert import Alert, AlertSeverity
from pipelines.domain.alerts.plain import at_most, one_line, plain
from pipelines.domain.alerts.thread import Incident, Stage

SEVERITIES: tuple[AlertSeverity, ...] = ("critical", "warning", "info")
# What is older, and what is more than that many, is told in a line a kind.
NEWS_DAYS = 7
MOST_NOTICES = 10
# Signs of a title and of what is told of an incident. Mail servers refuse what has megabytes, each
# night again, and with it everything else there is to tell.
MOST_IN_TITLE, MOST_IN_BODY = 200, 20_000

State = Literal["new", "reminder", "over"]


@dataclass(frozen=True, slots=True)
class Notice:
    """
    What is told of one incident.

    Attributes:
        incident: Which.
        stages: What of it, at least one.
        severity: How urgent its kind is, as churn.toml has it.
    """

    incident: Incident
    stages: tuple[Stage, ...]
    severity: AlertSeverity

    @property
    def alert(self) -> Alert:
        """What was recorded of it on its first night."""
        return self.incident.alert

    @property
    def state(self) -> State:
        """Whether it is new, told again or over."""
        if "over" in self.stages:
            return "over"

        return "reminder" if "lasts" in self.stages else "new"

    @property
    def headline(self) -> str:
        """State or severity and the title, in one line."""
        word = self.severity if self.state == "new" else f"{self.severity}, {self.state}"

        return f"[churn {word}] {self.title}"

    @property
    def title(self) -> str:
        """The title of the incident, in one line."""
        return one_line(at_most(self.alert.title, MOST_IN_TITLE))

    @property
    def text(self) -> str:
        """What happened, since when and whose it is."""
        alert, incident = self.alert, self.incident
        owner = f"Owner: {one_line(alert.owner)}."
        nights = f"{incident.nights} night{'' if incident.nights == 1 else 's'}"
        if self.state == "over":
            ended = incident.over_since or incident.latest.as_of
            late = " It could not be told before." if "began" in self.stages else ""
            return f"Over since the night of {ended}; it began on {alert.as_of}.{late} {owner}"
        parts = [plain(at_most(incident.latest.body, MOST_IN_BODY))]
        if self.state == "reminder":
            parts.append(f"It lasts since the night of {alert.as_of}; {nights} were recorded.")
        where = f"Population {one_line(alert.population)}, night of {incident.latest.as_of}."

        return "\n\n".join([*parts, f"{where} {owner}"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """
    What goes out on one channel. Holds aggregates and names, never a customer.

    Attributes:
        population: Its name in churn.toml.
        as_of: The night.
        notices: What is told in full, the most urgent first.
        folded: What is old, or too much, and told in a line a kind.
        answers: Keys of the messages that told what this one says more of.
        page: Address of the newest page of a night; empty where it is not served.
    """

    population: str
    as_of: date
    notices: tuple[Notice, ...]
    folded: tuple[Notice, ...] = ()
    answers: tuple[str, ...] = ()
    page: str = ""

    @property
    def everything(self) -> tuple[Notice, ...]:
        """What is told, whether in full or folded."""
        return (*self.notices, *self.folded)

    @property
    def key(self) -> str:
        """The same for the same things told, and for no others."""
        told = [
            (notice.incident.incident_id, notice.alert.kind, str(notice.alert.as_of), notice.stages)
            for notice in self.everything
        ]
        digest = hashlib.sha256(repr(sorted(told)).encode()).hexdigest()[:12]

        return f"churn-{self.population}-{self.as_of}-{digest}"

    @property
    def severity(self) -> AlertSeverity:
        """The most urgent of what is not over; info if everything is."""
        lasting = [notice.severity for notice in self.everything if notice.state != "over"]

        return min(lasting, key=SEVERITIES.index, default="info")

    @property
    def subject(self) -> str:
        """One line; an answer to what was told alone has the subject of that."""
        if len(self.everything) == 1:
            (notice,) = self.everything
            if self.answers:
                return f"Re: [churn {notice.severity}] {notice.title}"
            return notice.headline
        states = [notice.state for notice in self.everything]
        every: tuple[State, ...] = ("new", "reminder", "over")
        counted = [f"{states.count(state)} {state}" for state in every if state in states]

        return (
            f"[churn {self.severity}] {self.population} {self.as_of}: {', '.join(counted)}: "
            f"{self.everything[0].title}, and more"
        )

    @property
    def text(self) -> str:
        """Everything, as plain text."""
        parts = [f"{notice.headline}\n\n{notice.text}" for notice in self.notices]
        if self.folded:
            parts.append("\n".join([self.folded_heading, *self.folded_lines]))
        if self.page:
            parts.append(self.page_line)

        return "\n\n---\n\n".join(parts)

    @property
    def page_line(self) -> str:
        """Where the page of the night is."""
        return f"The page of the night: {self.page}"

    @property
    def folded_heading(self) -> str:
        """What the folded lines are."""
        return f"{len(self.folded)} earlier or further, in short (all of it: churn.alerts):"

    @property
    def folded_lines(self) -> tuple[str, ...]:
        """A line a kind of what is folded."""
        kinds = dict.fromkeys(notice.alert.kind for notice in self.folded)

        return tuple(
            _line(kind, [each for each in self.folded if each.alert.kind == kind]) for kind in kinds
        )


def message(
    population: str, as_of: date, notices: Sequence[Notice], channel: str, page: str = ""
) -> Message:
    """
    Return the message that tells *notices*, the old ones and those beyond MOST_NOTICES folded.

    Args:
        population: Its name in churn.toml.
        as_of: The night.
        notices: At least one.
        channel: The channel it goes out on.
        page: Address of the newest page of a night; empty where it is not served.
    """
    first_news = as_of - timedelta(days=NEWS_DAYS - 1)
    ranked = sorted(
        notices,
        key=lambda notice: (
            notice.state == "over",
            SEVERITIES.index(notice.severity),
            notice.alert.as_of,
            notice.incident.incident_id,
        ),
    )
    # What was told before is one line more, whatever its age.
    news = [
        notice
        for notice in ranked
        if "began" not in notice.stages or notice.incident.latest.as_of >= first_news
    ]
    full = [notice for notice in news if notice.stages != ("began", "over")][:MOST_NOTICES]
    if len(ranked) == 1:
        full = ranked
    before = [
        delivery.message
        for notice in ranked
        if "began" not in notice.stages
        and (delivery := notice.incident.told.get((channel, "began")))
    ]

    return Message(
        population=population,
        as_of=as_of,
        notices=tuple(full),
        folded=tuple(notice for notice in ranked if notice not in full),
        answers=tuple(dict.fromkeys(key for key in before if key is not None)),
        page=page,
    )


def _line(kind: str, notices: Sequence[Notice]) -> str:
    """Return what is folded of one kind, in a line."""
    nights = sorted(notice.alert.as_of for notice in notices)
    when = str(nights[0]) if nights[0] == nights[-1] else f"{nights[0]} to {nights[-1]}"
    over = sum(notice.state == "over" for notice in notices)
    state = f", {over} of them over" if over else ""
    times = f"{len(notices)} times " if len(notices) > 1 else ""

    return f"{when}: {times}{kind}{state}; the last: {notices[-1].title}"
