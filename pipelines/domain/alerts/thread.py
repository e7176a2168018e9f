"""An incident: the nights it lasts, what was told of it on each channel, and what is to be told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pipelines.domain.alerts.alert import Alert

# That it began, that it lasts, that it is over.
Stage = Literal["began", "lasts", "over"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """
    The latest attempt to tell a stage on a channel.

    Attributes:
        as_of: The night of the message.
        error: Why it did not go out; None when it did.
        message: Key of the message it went in.
    """

    as_of: date | None
    error: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Night:
    """
    One night of an incident.

    Attributes:
        alert: What was recorded of it.
        is_over: Whether it was resolved.
        over_since: The night it was resolved by.
    """

    alert: Alert
    is_over: bool
    over_since: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """
    What happened on one night or on several, and what was told of it.

    Attributes:
        incident_id: Number of its first alert.
        alert: What was recorded on its first night.
        latest: What was recorded on its last.
        nights: How many there are.
        is_over: Whether it was resolved.
        over_since: The night it was resolved by.
        told: The latest attempts, by channel and stage.
    """

    incident_id: int
    alert: Alert
    latest: Alert
    nights: int
    is_over: bool
    over_since: date | None
    told: Mapping[tuple[str, Stage], Delivery]

    def due(self, channel: str, as_of: date, remind_after_days: int) -> tuple[Stage, ...]:
        """
        Return what is to be told on *channel* now.

        News, of severity info, is told and neither lasts nor ends. That it began and is over in
        one, where it was over before the channel worked again; nothing
        of what was over before it was ever tried there.

        Args:
            channel: Name of the channel.
            as_of: The night.
            remind_after_days: So long after it was told it is told again, once, while it lasts.
        """
        began = self.told.get((channel, "began"))
        if began is None:
            return () if self.is_over else ("began",)
        if began.error is not None:
            return ("began", "over") if self.is_over else ("began",)
        if self.alert.severity == "info":
            return ()
        if self.is_over:
            return () if self._is_told(channel, "over") else ("over",)
        if self._is_told(channel, "lasts"):
            return ()
        since = began.as_of or self.alert.as_of

        return ("lasts",) if (as_of - since).days >= remind_after_days else ()

    def _is_told(self, channel: str, stage: Stage) -> bool:
        """Tell whether a stage went out on a channel."""
        delivery = self.told.get((channel, stage))

        return delivery is not None and delivery.error is None


def incident_of(
    incident_id: int, nights: Sequence[Night], told: Mapping[tuple[str, Stage], Delivery]
) -> Incident:
    """
    Return the incident that some nights are.

    Args:
        incident_id: Number of its first alert.
        nights: Oldest first, at least one.
        told: The latest attempts, by channel and stage.
    """
    is_over = all(night.is_over for night in nights)
    ended = [night.over_since for night in nights if night.over_since is not None]

    return Incident(
        incident_id=incident_id,
        alert=nights[0].alert,
        latest=nights[-1].alert,
        nights=len(nights),
        is_over=is_over,
        over_since=max(ended, default=None) if is_over else None,
        told=told,
    )
