"""What writing a file again would change, and whether that is ours to do."""

import difflib
from dataclasses import dataclass
from typing import Literal

# extended: something is added at its end; kept: somebody has edited it, and it says another thing.
Effect = Literal["new", "same", "renewed", "extended", "kept"]


@dataclass(frozen=True, slots=True)
class Change:
    """
    One file.

    Attributes:
        path: Below the project's folder.
        effect: What becomes of it.
        difference: Between what is there and what would be written, as `diff -u` shows it.
    """

    path: str
    effect: Effect
    difference: str = ""


def change(path: str, *, wanted: str, found: str | None, is_edited: bool) -> Change:
    """
    Return what becomes of a file.

    Args:
        path: Below the project's folder.
        wanted: What would be written.
        found: What is there; None where nothing is.
        is_edited: Whether what is there is not what was written the last time.
    """
    if found is None:
        return Change(path, "new")
    if found == wanted:
        return Change(path, "same")
    lines = difflib.unified_diff(
        found.splitlines(keepends=True), wanted.splitlines(keepends=True), path, f"{path} (new)"
    )

    return Change(path, "kept" if is_edited else "renewed", "".join(lines))
