"""Names of columns: each readable and different from the others."""

import re
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

NUMBER = re.compile(r"[-+]?[€$£]?\s?\d[\d.,' ]*([eE][-+]?\d+)?\s?[%€$£]?")
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ]\d{1,2}:\d{2}\S*( ?[AaPp][Mm])?)?")

MOST_NAMES = 6


def unique(names: Iterable[str]) -> list[str]:
    """
    Return *names* without surrounding space, such that no two are the same.

    A blank third one becomes `column_3`, a second `amount` becomes `amount_2`.
    """
    tidy = [
        " ".join(name.replace("\0", " ").split()) or f"column_{number}"
        for number, name in enumerate(names, 1)
    ]
    taken = set(tidy)
    seen: set[str] = set()
    made = []
    for name in tidy:
        different = name
        number = 2
        while different in seen or (different != name and different in taken):
            different = f"{name}_{number}"
            number += 1
        seen.add(different)
        made.append(different)

    return made


def is_data(first: Sequence[str], rows: Iterable[Sequence[str]] = ()) -> bool:
    """
    Tell whether the first row of a table is data, and no header.

    It is where all it holds are numbers and dates; and where some are, and a word of it stands
    below in its own column again, as an answer does and the name of a column does not.

    Args:
        first: Its values.
        rows: Rows below it.
    """
    given = {place: value.strip() for place, value in enumerate(first) if value.strip()}
    words = {place: text for place, text in given.items() if not _is_number_or_date(text)}
    if len(words) == len(given):
        return False

    # A file that was put together from several has its header in it again.
    below = [row for row in rows if [*row] != [*first]]
    return not words or any(
        place < len(row) and row[place].strip() == text
        for row in below
        for place, text in words.items()
    )


def name_them(width: int, delimiter: str, path: Path) -> str:
    """Say how names are written above the rows of a text without a header."""
    named = shlex.quote(str(path))
    if width == 1:
        return (
            "write a name above it; if its lines go with the rows of another file, put both side "
            f"by side: `(echo churned; cat {named}) | paste -d ',' OTHER - > joined.csv`"
        )
    names = [f"column_{number}" for number in range(1, min(width, MOST_NAMES) + 1)]
    rest = ["…"] if width > MOST_NAMES else []
    line = ("\\t" if delimiter == "\t" else delimiter).join([*names, *rest])

    return f"write names of your own above it: `(printf '{line}\\n'; cat {named}) > named.csv`"


def _is_number_or_date(text: str) -> bool:
    """Tell whether a value is what no column is called."""
    return bool(NUMBER.fullmatch(text) or DATE.fullmatch(text))
