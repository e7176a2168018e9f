"""Messages to Slack, posted to an incoming webhook, an `https` address."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from pipelines.adapters.channels import posting
from pipelines.domain.alerts.channels import CHANNELS
from pipelines.domain.alerts.message import Message, Notice
from pipelines.domain.alerts.plain import REST
from pipelines.sections import Alerts

# What Slack takes of a header, of the text of a section, and of the text beside the blocks; each
# is counted as it is posted.
MOST_IN_HEADER, MOST_IN_SECTION, MOST_IN_TEXT = 150, 3000, 30_000


def channel(address: str, _alerts: Alerts) -> "SlackWebhook":
    """Return the channel behind *address*; whom it reaches was decided in Slack."""
    return SlackWebhook(address)


@dataclass(frozen=True)
class SlackWebhook:
    """
    An incoming webhook of Slack, or of anything that takes its JSON.

    It answers nothing that a later message could refer to, so that Slack shows the nights of an
    incident one below the other and in no thread; each says since when it lasts.

    Attributes:
        url: Its address, which is a secret.
    """

    url: str = field(repr=False)

    name: ClassVar[str] = "slack"

    def __post_init__(self) -> None:
        """Refuse an address nothing can be posted to, without repeating it."""
        posting.refuse_illegal(self.url, CHANNELS[self.name])

    def send(self, message: Message) -> None:
        """
        Post one message, as blocks of plain text, in which nothing from data is formatting.

        Raises:
            ServiceFailed: It was not taken.
        """
        blocks = [block for notice in message.notices for block in _blocks(notice)]
        if message.folded:
            folded = "\n".join([message.folded_heading, *message.folded_lines])
            blocks += [{"type": "divider"}, _section(folded)]
        if message.page:
            blocks.append(_section(message.page_line))
        text = _escaped(f"{message.subject}\n{message.text}", MOST_IN_TEXT)
        posting.post(self.url, {"text": text, "mrkdwn": False, "blocks": blocks}, service="Slack")


def _blocks(notice: Notice) -> list[Mapping[str, object]]:
    """Return a heading and a text."""
    return [
        {"type": "header", "text": _plain(notice.headline, MOST_IN_HEADER)},
        _section(notice.text),
    ]


def _section(text: str) -> Mapping[str, object]:
    """Return a block of text."""
    return {"type": "section", "text": _plain(text, MOST_IN_SECTION)}


def _plain(text: str, most: int) -> Mapping[str, object]:
    """Return text that Slack shows as it is: neither emphasis nor emoji."""
    return {"type": "plain_text", "text": _escaped(text, most), "emoji": False}


def _escaped(text: str, most: int) -> str:
    """Return *text* with Slack's three control characters escaped, cut to *most* signs."""
    whole = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if len(whole) <= most:
        return whole
    cut = REST if most > len(REST) * 10 else " …"
    kept = whole[: most - len(cut)]
    # An escape that was cut in two would be shown as it is written.
    start = kept.rfind("&", len(kept) - 4)

    return (kept[:start] if start >= 0 and ";" not in kept[start:] else kept) + cut
