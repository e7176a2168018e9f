"""What a log last said of a customer."""

from collections.abc import Collection, Iterator

from pipelines.domain.columns.kinds import MOST_LEVELS
from pipelines.domain.features.contract import Feature
from pipelines.domain.scaffolds.events.attributes import AttributeColumn
from pipelines.domain.scaffolds.events.declaration import Declaration, call, declared
from pipelines.domain.scaffolds.events.event_log import EventLog
from pipelines.domain.scaffolds.events.log_columns import AmountColumn, KindColumn
from pipelines.domain.scaffolds.names import is_readable
from pipelines.domain.scaffolds.spelling import OTHER, in_one_spelling, jinja_text

FAMILY = "last values"


def last_values(log: EventLog) -> Iterator[Declaration]:
    """Declare the last known value of each column that has one."""
    for column in log.with_last:
        if isinstance(column, KindColumn):
            levels = [in_one_spelling(each.value) for each in column.levels]
            yield _category(column.stem, f"last {column.words}", levels)
        elif isinstance(column, AmountColumn):
            yield _number(column.stem, f"last {column.words}", column.unit)
        else:
            yield _of_attribute(column)


def _of_attribute(attribute: AttributeColumn) -> Declaration:
    """Declare the last value of an attribute, or how long ago a date is."""
    stem, last = attribute.stem, call("last_ever", f"last_{attribute.stem}")
    told = attribute.words if attribute.is_fixed else f"last {attribute.words}"
    if attribute.type in {"date", "instant"}:
        return declared(
            attribute.feature,
            call("days_since_date", f"last_{stem}"),
            f"days since {told}",
            family=FAMILY,
            unit="days",
            description=f"Days from {told} to as_of; below 0 where it lies ahead, NULL where none "
            "is known.",
            nullable=True,
            minimum=None,
            watch_drift=False,
            missing="",
        )
    if attribute.type == "boolean":
        return declared(
            attribute.feature,
            last,
            told,
            family=FAMILY,
            description=_described(told),
            data_type="boolean",
            nullable=True,
            missing="",
        )
    if attribute.type == "text":
        return _category(stem, told, attribute.levels[: MOST_LEVELS - 1])

    return _number(stem, told, "")


def _number(stem: str, told: str, unit: str) -> Declaration:
    """Declare the last value of a number."""
    return declared(
        f"last_{stem}",
        call("last_ever", f"last_{stem}"),
        told,
        family=FAMILY,
        unit=unit,
        description=_described(told),
        data_type="double precision",
        nullable=True,
        minimum=None,
        missing="",
    )


def _category(stem: str, told: str, levels: Collection[str]) -> Declaration:
    """Declare the last value of a category; levels that are not named count as `other`."""
    readable = dict.fromkeys(level for level in levels if level and is_readable(level))
    named = ", ".join(jinja_text(level) for level in readable if level != OTHER)
    own = tuple(dict.fromkeys([*readable, OTHER]))

    return Declaration(
        Feature(f"last_{stem}", "categorical", told, family=FAMILY, nullable=True, levels=own),
        _described(told),
        "text",
        f"churn.commonest({call('last_ever', f'last_{stem}')}, [{named}])",
    )


def _described(told: str) -> str:
    """Return what the YAML says of it."""
    return f"{told[0].upper()}{told[1:]}; NULL where none is known."
