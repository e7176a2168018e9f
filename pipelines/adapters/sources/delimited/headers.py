"""Names of columns: each readable and different from the others."""

import re
from collections.abc import Iterable

NUMBER = re.compile(r"[-+]?[€$£]?\s?\d[\d.,' ]*([eE][-+]?\d+)?\s?[%€$£]?")
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ]\d{1,2}:\d{2}\S*( ?[AaPp][Mm])?)?")


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


def is_data(values: Iterable[str]) -> bool:
    """Tell whether *values* are numbers and dates all of them, as those of no header are."""
    given = [value.strip() for value in values if value.strip()]

    return bool(given) and all(NUMBER.fullmatch(v) or DATE.fullmatch(v) for v in given)
