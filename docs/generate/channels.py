"""The channels of alerts, each with the variable that holds its address."""

import ast

from docs.generate.blocks import table
from pipelines.domain.alerts.channels import CHANNELS
from pipelines.settings import ROOT

MODULES = ROOT / "pipelines" / "adapters" / "channels"


def channels() -> str:
    """
    Return a table with a row a channel; what it is stands first in its module.

    Raises:
        LookupError: A channel has no module, or its module does not say what it is.
    """
    return table(
        ("variable", "is", "without it"),
        (
            (f"`{variable}`", _summary(name), f"nothing is sent by {name}")
            for name, variable in CHANNELS.items()
        ),
    )


def _summary(name: str) -> str:
    """Return the first line of the docstring of a channel's module, without its full stop."""
    path = MODULES / f"{name}.py"
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) if path.is_file() else None
    if not text:
        raise LookupError(f"the channel {name} has no {path.name} that says what it is")

    return text.splitlines()[0].rstrip(".")
