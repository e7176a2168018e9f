"""One feature, declared: what it is, what people read of it, and how SQL says it."""

from dataclasses import dataclass
from typing import Literal

from pipelines.domain.features.contract import Feature, FeatureKind, MissingKind

Grain = Literal["days", "kinds", "sessions"]
DataType = Literal["bigint", "double precision", "boolean", "text"]

# In days. The longest is what windows read of the past at most, and two of a length fit in it.
WINDOWS = (7, 14, 28, 56, 84)
LONGEST_WINDOW = WINDOWS[-1]
TRENDS = (7, 14, 28, 42)
SHORT, LONG = 28, 84

# Families that say the same to people: who does less, does so in every window and session. Last
# values are about whatever their column is about, each for itself.
THEMES = {
    "trend": "activity",
    "sessions": "activity",
    "rhythm": "recency",
    "lifetime": "history",
    "last values": "",
}


@dataclass(frozen=True, slots=True)
class Declaration:
    """
    A feature of the known days, kinds or sessions of a customer.

    Attributes:
        feature: What the contract says of it.
        description: What exactly it is, for who reads the YAML.
        data_type: PostgreSQL's.
        expression: A call of a macro of our package, for rows grouped by as_of and customer_id.
        grain: What those rows are.
        source: Of kinds, the stem of their column.
        or_zero: Whether it is 0 for who has no such row.
    """

    feature: Feature
    description: str
    data_type: DataType
    expression: str
    grain: Grain = "days"
    source: str = ""
    or_zero: bool = False

    @property
    def name(self) -> str:
        """Name of its column."""
        return self.feature.name


def call(macro: str, *arguments: str | int) -> str:
    """Return the call of a macro of our package, as SQL models write it."""
    return f"churn.{macro}({', '.join(map(repr, arguments))})"


def declared(
    name: str,
    expression: str,
    title: str,
    *,
    family: str,
    unit: str = "",
    description: str = "",
    data_type: DataType = "bigint",
    nullable: bool = False,
    minimum: float | None = 0,
    maximum: float | None = None,
    watch_drift: bool = True,
    missing: MissingKind = "structural",
    grain: Grain = "days",
    source: str = "",
) -> Declaration:
    """
    Declare a feature.

    Args:
        name: Of its column.
        expression: As of a `Declaration`.
        title: What people read in a reason.
        family: Family it is listed under, from which its theme follows.
        unit: Of a number; nothing else has one.
        description: Without, it is the title as a sentence.
        data_type: PostgreSQL's.
        nullable: Whether some member may have no value.
        minimum: Smallest value there can be; None where there is no such.
        maximum: Greatest value there can be; None where there is no such.
        watch_drift: Whether it may be compared over time: what only grows may not.
        missing: What it means that a member has no value; mostly that nothing happened.
        grain: As of a `Declaration`.
        source: As of a `Declaration`.
    """
    kind: FeatureKind = "boolean" if data_type == "boolean" else "numeric"

    return Declaration(
        Feature(
            name,
            kind,
            title,
            unit=unit,
            family=family,
            theme=THEMES.get(family, family),
            nullable=nullable,
            minimum=minimum if kind == "numeric" else None,
            maximum=maximum,
            watch_drift=watch_drift,
            missing=missing if nullable else "",
        ),
        description or f"{title[0].upper()}{title[1:]}.",
        data_type,
        expression,
        grain,
        source,
        or_zero=grain != "days" and not nullable,
    )
