"""Text that anybody may have written, made safe to show: on a terminal, and in a spreadsheet."""

import unicodedata
from typing import Any

# What spreadsheets take for the beginning of a formula (OWASP, CSV injection), in either width.
FORMULAS = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")

# Controls, of the terminal and of what is read from right to left, and halves of surrogate pairs.
UNSEEN = frozenset({"Cc", "Cf", "Cs"})
# Joins letters and emoji of many scripts, where it moves no cursor and turns no line around.
JOINERS = frozenset("\u200c\u200d")


def visible(text: str, *, kept: str = "") -> str:
    r"""
    Return *text* with each character that acts instead of being seen written out, as `\x1b`.

    Args:
        text: Whatever somebody has called something.
        kept: Such characters that may stay, like a line break.
    """
    if text.isprintable():
        return text

    return "".join(
        character
        if character in kept
        or character in JOINERS
        or unicodedata.category(character) not in UNSEEN
        else character.encode("unicode_escape").decode()
        for character in text
    )


def spreadsheet_cell(value: Any) -> Any:  # noqa: ANN401  whatever a column holds
    """
    Return *value* as a cell that no spreadsheet computes and no terminal obeys.

    Text that begins like a formula gets an apostrophe in front; numbers and dates stay themselves.
    """
    if not isinstance(value, str):
        return value
    shown = visible(value, kept="\n\t")

    return f"'{shown}" if value.startswith(FORMULAS) else shown
