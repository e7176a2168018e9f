"""Names of tables and columns in the warehouse, made from those people bring."""

import re
import unicodedata
from collections.abc import Iterable

from pipelines.domain.columns.names import words

# Of the 63 characters PostgreSQL keeps, so that features made of a column have room for theirs.
LONGEST = 40
# What PostgreSQL 18 takes for words of its own where a name could stand, and what we call columns.
# fmt: off
RESERVED = frozenset(
    {
        "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric",
        "authorization", "between", "bigint", "binary", "bit", "boolean", "both", "case", "cast",
        "char", "character", "check", "coalesce", "collate", "collation", "column",
        "concurrently", "constraint", "create", "cross", "current_catalog", "current_date",
        "current_role", "current_schema", "current_time", "current_timestamp", "current_user",
        "dec", "decimal", "default", "deferrable", "desc", "distinct", "do", "else", "end",
        "except", "exists", "extract", "false", "fetch", "float", "for", "foreign", "freeze",
        "from", "full", "grant", "greatest", "group", "grouping", "having", "ilike", "in",
        "initially", "inner", "inout", "int", "integer", "intersect", "interval", "into", "is",
        "isnull", "join", "lateral", "leading", "least", "left", "like", "limit", "localtime",
        "localtimestamp", "national", "natural", "nchar", "none", "normalize", "not", "notnull",
        "null", "nullif", "numeric", "offset", "on", "only", "or", "order", "out", "outer",
        "overlaps", "overlay", "placing", "position", "precision", "primary", "real",
        "references", "returning", "right", "row", "select", "session_user", "setof", "similar",
        "smallint", "some", "substring", "symmetric", "system_user", "table", "tablesample",
        "then", "time", "timestamp", "to", "trailing", "treat", "trim", "true", "union", "unique",
        "user", "using", "values", "varchar", "variadic", "verbose", "when", "where", "window",
        "with", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists", "xmlforest",
        "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable",
        "as_of", "customer_id", "is_churned", "label_due_at", "loaded_at", "occurred_at",
        "row_digest",
    }
)
# fmt: on


def identifier(text: str, *, otherwise: str) -> str:
    """
    Return *text* as a name in snake case of at most 40 ASCII characters.

    Args:
        text: What somebody called it, in any alphabet.
        otherwise: The name where nothing of it is left.
    """
    plain = unicodedata.normalize("NFKD", "_".join(words(text))).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:LONGEST].strip("_")
    if not name:
        return otherwise
    if name[0].isdigit():
        name = f"n_{name}"[:LONGEST]

    return f"{name}_given" if name in RESERVED else name


def identifiers(texts: Iterable[str]) -> dict[str, str]:
    """Return the name of each of *texts*, no two alike; the second `a` is `a_2`."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for number, text in enumerate(texts, 1):
        wanted = identifier(text, otherwise=f"column_{number}")
        name, again = wanted, 2
        while name in taken:
            name, again = f"{wanted[: LONGEST - 3]}_{again}", again + 1
        taken.add(name)
        names[text] = name

    return names


def title(text: str) -> str:
    """Return a header as people read it: `MonthlyCharges` is `monthly charges`."""
    return " ".join(words(text)) or text.strip()
