"""The page of a night as one HTML file that needs no other."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from pipelines.domain.cells import visible
from pipelines.domain.nights.page.night_page import NightPage

TEMPLATE = Path(__file__).with_name("night_page.html")
STYLE = Path(__file__).with_name("night_page.css")


def rendered(page: NightPage) -> str:
    """Return the page; whatever the data says, it is text there and no markup."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["seen"] = _seen
    environment.filters["plain"] = visible  # where no markup may stand
    environment.filters["figure"] = "{:.2f}".format
    style = STYLE.read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    return environment.from_string(TEMPLATE.read_text("utf-8")).render(
        page=page,
        style=Markup(style),  # noqa: S704  a file of ours
        style_hash=f"sha256-{digest}",
    )


def _seen(value: Any) -> Markup:  # noqa: ANN401  whatever is written on a page
    """Return *value* as text that runs its own way, and cannot turn what stands beside it."""
    text = visible(str(value), kept="\n")

    return escape(text) if text.isascii() else Markup("<bdi>{}</bdi>").format(text)
