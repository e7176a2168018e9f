"""What people wrote, as names of columns and as words to read."""

import re
import unicodedata
from collections.abc import Collection, Iterable

from pipelines.domain.columns import names
from pipelines.domain.columns.column import Column

# PostgreSQL cuts longer ones, without a word.
LONGEST_NAME = 63
# What a feature adds to the name of its measure takes the rest.
LONGEST_STEM = 16
LONGEST_SLUG = 32
LONGEST_WORDS = 40
LONGEST_COLUMN = 40

NAME = re.compile(r"[a-z][a-z0-9_]*")
OTHER = re.compile(r"[^a-z0-9]+")
# dbt would read braces as a template of its own; control characters are nobody's words.
UNREADABLE = re.compile(r"[{}\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
# Those PostgreSQL reserves, and what every table of days has anyway.
TAKEN = frozenset(
    {
        *("all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "both"),
        *("authorization", "binary", "case", "cast", "check", "collate", "collation", "column"),
        *("concurrently", "constraint", "create", "cross", "current_catalog", "current_date"),
        *("current_role", "current_schema", "current_time", "current_timestamp", "current_user"),
        *("default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "false"),
        *("fetch", "for", "foreign", "freeze", "from", "full", "grant", "group", "having", "ilike"),
        *("in", "initially", "inner", "intersect", "into", "is", "isnull", "join", "lateral"),
        *("leading", "left", "like", "limit", "localtime", "localtimestamp", "natural", "not"),
        *("notnull", "null", "offset", "on", "only", "or", "order", "outer", "overlaps", "placing"),
        *("primary", "references", "returning", "right", "select", "session_user", "similar"),
        *("some", "symmetric", "system_user", "table", "tablesample", "then", "to", "trailing"),
        *("true", "union", "unique", "user", "using", "variadic", "verbose", "when", "where"),
        *("window", "with"),
        *("is_churned", "label_due_at", "row_digest", "row_of"),
        *("as_of", "customer_id", "occurred_at", "loaded_at", "occurred_date", "loaded_date"),
        *("active", "active_days", "events", "gap_days", "is_new", "last_at", "last_date"),
        *("at", "left_at", "session", "session_id", "session_minutes", "sessions"),
    }
)
# What names of features begin with.
FIRST_WORDS = frozenset(
    {
        *("afternoon", "change", "days", "distinct", "evening", "events", "gap", "is", "largest"),
        *("last", "mean", "morning", "night", "recency", "share", "trend", "weekend"),
    }
)


def is_name(text: str) -> bool:
    """Tell whether *text* names a column without quotes, in whatever place."""
    return bool(NAME.fullmatch(text)) and text not in TAKEN


def is_part(text: str) -> bool:
    """Tell whether *text* may be a part of a name, after other words and before `__`."""
    return bool(NAME.fullmatch(text)) and "__" not in text and not text.endswith("_")


def is_readable(text: str) -> bool:
    """Tell whether dbt reads *text* as it is, and a person too."""
    return UNREADABLE.search(text) is None


def slug(text: str, *, longest: int, taken: Collection[str] = ()) -> str:
    """
    Return *text* as a part of a name: lower case, ASCII, `_` for all else; none that is *taken*.

    Args:
        text: What people wrote; may be empty, or hold no letter of ours at all.
        longest: Most characters of the slug.
        taken: Slugs of others beside it.
    """
    joined = unicodedata.normalize("NFKD", "_".join(names.words(text)))
    plain = OTHER.sub("_", joined.encode("ascii", "ignore").decode().lower()).strip("_")
    if not plain or not plain[0].isalpha():
        plain = f"x_{plain}".rstrip("_")
    found, number = plain[:longest].rstrip("_"), 1
    while found in taken:
        number += 1
        ending = f"_{number}"
        found = plain[: longest - len(ending)].rstrip("_") + ending

    return found


def stem(column: str, *, taken: Collection[str]) -> str:
    """Return a short name of *column*, none that is *taken* or that a feature begins with."""
    plain = slug(column, longest=LONGEST_NAME)
    is_ours = plain in TAKEN or plain.split("_")[0] in FIRST_WORDS
    text = f"x_{plain}" if is_ours else plain

    return slug(text, longest=LONGEST_STEM, taken=taken)


def table(name: str) -> str:
    """Return what a table is called as part of other names."""
    return slug(name, longest=LONGEST_STEM)


def ended(name: str) -> str:
    """Return what the ends of a table's rows are called, of which no model is made."""
    return slug(f"{name} ended", longest=LONGEST_SLUG - 1)


def called_after(table: str, name: str, *, taken: Collection[str]) -> str:
    """Return the name of a feature of a table beside the main one, short enough and not *taken*."""
    return slug(f"{table}_{name}", longest=LONGEST_NAME, taken=taken)


def of_table(table: Iterable[Column], customer: str | None) -> dict[str, str]:
    """Return the name of each column but the customer's, by its header."""
    return columns(column.name for column in table if column.name != customer)


def columns(headers: Iterable[str]) -> dict[str, str]:
    """Return the name of the column that each of *headers* becomes, no two alike."""
    found: dict[str, str] = {}
    for header in headers:
        found[header] = slug(header, longest=LONGEST_COLUMN, taken={*TAKEN, *found.values()})

    return found


def header_words(column: str) -> str:
    """Return the header of a column as people read it: `songLength` is song length."""
    return words(" ".join(names.words(column))) or words(column) or "column"


def words(text: str) -> str:
    """Return *text* on one line, for people, without what dbt would read as a template."""
    plain = " ".join(UNREADABLE.sub(" ", text.replace("_", " ")).split())

    return plain if len(plain) <= LONGEST_WORDS else plain[: LONGEST_WORDS - 1].rstrip() + "…"
