"""The tree of expected failures, from pipelines/errors.py."""

import inspect

from docs.generate.blocks import table
from pipelines.errors import ChurnError


def exit_codes() -> str:
    """Return one row a kind of failure, by exit code."""
    kinds = sorted(ChurnError.__subclasses__(), key=lambda kind: kind.exit_code)
    rows = [(kind.exit_code, f"`{kind.__name__}`", kind.owner, *_words(kind)) for kind in kinds]

    return table(("code", "error", "owner", "what happened", "what to do"), rows)


def _words(kind: type[ChurnError]) -> tuple[str, str]:
    """Return the first sentence of the docstring, and the paragraphs after it."""
    what, _, then = (inspect.getdoc(kind) or "").partition("\n\n")

    return what, " ".join(then.split())
