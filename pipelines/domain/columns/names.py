"""The words a header is made of."""

import re
from collections.abc import Collection, Sequence

SPLIT = re.compile(r"[^0-9A-Za-z\u00c0-\uffff]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# `number` at the end only: `invoice number` is one, `number of invoices` is a count.
LAST_WORDS = frozenset(
    ["id", "key", "no", "nr", "number", "code", "uuid", "guid", "identifier", "ref", "reference"]
)
FIRST_WORDS = frozenset(["id", "uuid", "guid"])
CODE_WORDS = frozenset(["code", "id", "zip"])
# Written together with whose it is: `custid`, `kundennr`.
JOINED = ("id", "key", "nr", "no", "num", "number", "nummer")
PERSON_WORDS = frozenset(
    {
        *("account", "client", "contact", "cust", "customer", "device", "household", "kunde"),
        *("kunden", "member", "msisdn", "player", "shopper", "subscriber", "subscription", "user"),
        *("visitor",),
    }
)
TIME_WORDS = frozenset(
    {
        *("at", "created", "date", "datetime", "datum", "day", "epoch", "fecha", "joined", "last"),
        *("login", "occurred", "on", "registered", "registration", "seen", "signup", "since"),
        *("time", "timestamp", "ts", "updated", "when", "zeit"),
    }
)
# Of times that may lie ahead, with nothing wrong about it.
AHEAD_WORDS = frozenset(
    {
        *("due", "end", "ends", "ending", "expected", "expires", "expiration", "expiry", "next"),
        *("planned", "renewal", "renews", "to", "until"),
    }
)

# Words begin so that say that somebody left.
LEAVING_STEMS = (
    "churn", "attrit", "exit", "left", "leav", "lapse", "cancel", "unsubscrib", "deactivat",
    "terminat", "closed", "lost", "quit", "gone", "defect",
    "kündig", "gekündig", "abgewander", "résili", "resili", "perdu", "baja", "cancelad",
)  # fmt: skip


def words(name: str) -> tuple[str, ...]:
    """Return the words of *name* in lower case: `LastLoginAt` and `last_login_at` have the same."""
    return tuple(word.lower() for word in SPLIT.split(name.strip()) if word)


def among(name: str, headers: Collection[str]) -> str | None:
    """Return the header that is called *name*, however many blanks are in it; None of none."""
    if name in headers:
        return name
    plain = " ".join(name.split())

    return next((header for header in headers if " ".join(header.split()) == plain), None)


def is_key_like(name: str) -> bool:
    """Tell whether a header sounds like one of an identifier."""
    found = words(name)
    joined = "".join(found)

    return bool(found) and (
        found[-1] in LAST_WORDS
        or found[0] in FIRST_WORDS
        or any(joined.endswith(f"{person}{end}") for person in PERSON_WORDS for end in JOINED)
    )


def names_a_code(name: str) -> bool:
    """Tell whether a header ends as that of a code or an id does: `Area Code`, `method_id`."""
    return words(name)[-1:] in {(word,) for word in CODE_WORDS}


def names_a_person(name: str) -> bool:
    """Tell whether a header names the customer, by whatever word."""
    joined = "".join(words(name))

    return any(word in joined for word in PERSON_WORDS)


def is_time_like(name: str) -> bool:
    """Tell whether a header sounds like one of a time."""
    return bool(TIME_WORDS & {*words(name)})


def may_lie_ahead(name: str) -> bool:
    """Tell whether a header is one of a time that may not have come yet."""
    return bool(AHEAD_WORDS & {*words(name)})


def begins_with(text: str, stems: Sequence[str]) -> bool:
    """Tell whether a word of *text* begins with one of *stems*."""
    return any(word.startswith(stem) for word in words(text) for stem in stems)
