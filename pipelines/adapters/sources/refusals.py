"""Refusals of a source: the thing, the size of its fault, and what to do next."""

from collections.abc import Iterable

from pipelines.errors import ImportRefused

FETCH_AGAIN = "fetch the file again"
LONGEST_LIST = 10


def refusal(thing: object, fault: str, next_step: str) -> ImportRefused:
    """Build the error; values of rows are not shown, since they may be personal."""
    return ImportRefused(f"{thing} {fault}; nothing was loaded", next_step=next_step)


def listed(names: Iterable[str]) -> str:
    """Return *names* in one line, the first ten of them."""
    known = list(names)
    more = f" and {len(known) - LONGEST_LIST} more" if len(known) > LONGEST_LIST else ""

    return (", ".join(known[:LONGEST_LIST]) or "none") + more
