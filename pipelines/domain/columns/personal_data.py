"""Columns that say who somebody is, by their name or their values."""

import re
from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.domain.columns.names import words
from pipelines.domain.columns.values import Counts

Personal = Literal["name", "e-mail", "telephone", "address", "card", "bank account", "ip address"]

BY_WORD: dict[str, Personal] = {
    **dict.fromkeys(
        ("surname", "firstname", "lastname", "forename", "fullname", "nickname"), "name"
    ),
    **dict.fromkeys(("nachname", "vorname", "nom", "prénom", "nombre", "apellido"), "name"),
    **dict.fromkeys(("email", "mail"), "e-mail"),
    **dict.fromkeys(("phone", "telephone", "telefon", "mobile", "msisdn", "fax"), "telephone"),
    **dict.fromkeys(("street", "address", "strasse", "straße", "adresse", "rue"), "address"),
    **dict.fromkeys(("iban",), "bank account"),
}
# A `name` is a person's only with one of these before it, or alone.
OF_PEOPLE = frozenset(
    ["first", "last", "full", "middle", "given", "family", "user", "customer", "client", "contact"]
)
EMAIL = r"[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}"
# No 0 comes after what stands for abroad or for another town: 00004711 only has zeros before it.
TELEPHONE = r"(?:(?:\+|00)[1-9(]|0[1-9(]|\([0-9+])[0-9 ()./-]{6,18}"
DAY = r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}\b.*"
IPV4 = r"(?:\d{1,3}\.){3}\d{1,3}"
# Letters or a long number; amounts and counts are nobody's name.
OWN = re.compile(r"[^\W\d_]{2}|\d{7}")
IBAN = r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}"
# A column is what most of it looks like; chance and free text stay below.
SHARE = 0.5
MOST_CHECKED = 1000
# Fewer different values are answers, such as whether somebody wants e-mails, and nobody's own.
FEWEST_OWN = 10


def personal(name: str, levels: pd.Series, counts: Counts) -> Personal | None:
    """
    Return how a column may identify somebody, None where it does not seem to.

    Args:
        name: Its header.
        levels: `(n_levels,)`, what it holds as text, without what stands for nothing.
        counts: `(n_levels,)`, rows of each.
    """
    checked, weights = levels[:MOST_CHECKED], counts[:MOST_CHECKED]
    shapes: tuple[tuple[Personal, npt.NDArray[np.bool_]], ...] = (
        ("e-mail", _matches(checked, EMAIL)),
        ("ip address", _matches(checked, IPV4)),
        ("bank account", _where(checked, IBAN, _is_iban)),
        ("card", _where(checked.str.replace(r"[ -]", "", regex=True), r"\d{13,19}", _is_card)),
        ("telephone", _matches(checked, TELEPHONE) & ~_matches(checked, DAY)),
    )
    total = int(weights.sum())
    for kind, marks in shapes:
        if total and weights[marks].sum() > SHARE * total:
            return kind

    is_own = len(levels) > FEWEST_OWN and any(OWN.search(text) for text in checked)
    return _by_name(name) if is_own else None


def _by_name(name: str) -> Personal | None:
    """Return what a header says, None for one that says nothing of the kind."""
    found = words(name)
    if "ip" in found:
        return "ip address"
    if found == ("name",) or ("name" in found and OF_PEOPLE & {*found}):
        return "name"

    return next((BY_WORD[word] for word in (*found, "".join(found)) if word in BY_WORD), None)


def _matches(levels: pd.Series, pattern: str) -> npt.NDArray[np.bool_]:
    """Return where a whole level looks like *pattern*."""
    return np.array(levels.str.fullmatch(pattern), dtype=np.bool_)


def _where(levels: pd.Series, pattern: str, holds: Callable[[str], bool]) -> npt.NDArray[np.bool_]:
    """Return where a level looks like *pattern* and its check digits hold."""
    marks = _matches(levels, pattern)
    marks[marks] = [holds(text) for text in levels[marks]]

    return marks


def _is_card(digits: str) -> bool:
    """Check a card number (Luhn, ISO/IEC 7812-1)."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]

    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _is_iban(text: str) -> bool:
    """Check an account number (ISO 13616, modulo 97)."""
    return int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97 == 1
