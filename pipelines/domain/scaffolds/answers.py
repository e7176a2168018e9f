"""What only a person knows of their customers: who they are, and what counts as leaving."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pipelines.domain.columns.names import among
from pipelines.domain.imports.declared import BETWEEN
from pipelines.errors import ConfigError, ImportRefused

if TYPE_CHECKING:
    from pipelines.domain.inspection.tables import Inspected

# `replay_fct_NAME_features_20261129_raw` is the longest name made of it, and PostgreSQL keeps 63.
LONGEST_NAME = 30
MART = re.compile(r"fct_(?P<name>\w+)_(?:features|labels)")
NAME = re.compile(rf"[a-z][a-z0-9_]{{0,{LONGEST_NAME - 1}}}")


@dataclass(frozen=True, slots=True)
class Answers:
    """
    What was said of a population.

    Attributes:
        name: What it is to be called.
        key: Header of the column that says whose a row is; None takes the one that was found.
        label: Who left, as COLUMN or COLUMN=VALUE; None takes what was found.
        times: Header of the column that says when a row of a log happened, of each table that has
            one; where none is said, the one that was found. Of contracts that of the end, the
            begin or both.
        knowns: Header of the column that says when a row of a log was known, of each table that has
            one.
        gone: What counts as leaving in a log, as `leaving` reads it; nothing for a row a customer.
        eligible: Who is a member of a log, as `TABLE in 90d`; None takes those who may still leave.
        is_numbered: Number the rows where no column tells them apart.
        has_features: The source is a feature table already, used where it stands.
        drops: Headers of columns to leave out.
        accepts: Header of each column that may know the answer and is used all the same, with the
            reason.
    """

    name: str
    key: str | None = None
    label: str | None = None
    times: tuple[str, ...] = ()
    knowns: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    eligible: str | None = None
    is_numbered: bool = False
    has_features: bool = False
    drops: tuple[str, ...] = ()
    accepts: Mapping[str, str] = field(default_factory=dict)

    @property
    def time(self) -> str | None:
        """The first of `times`."""
        return next(iter(self.times), None)

    @property
    def known(self) -> str | None:
        """The first of `knowns`."""
        return next(iter(self.knowns), None)

    def of_table(self, table: "Inspected", *, is_only: bool = False) -> "Answers":
        """
        Return what concerns a table, its columns without TABLE. before them.

        Args:
            table: The one, looked at.
            is_only: Whether all that was said concerns it, so that it has to have each column.
        """
        every = (self.key, *self.times, *self.knowns, *self.drops, *self.accepts)
        said = {
            text: header or text
            for text in filter(None, every)
            if (header := plain(text, table)) is not None or is_only
        }

        return replace(
            self,
            key=said.get(self.key or ""),
            times=tuple(said[text] for text in self.times if text in said),
            knowns=tuple(said[text] for text in self.knowns if text in said),
            drops=tuple(said[text] for text in self.drops if text in said),
            accepts={said[text]: why for text, why in self.accepts.items() if text in said},
        )


def header_of(label: str | None) -> str | None:
    """Return a label of a feature table without its days, as it is looked for in the table."""
    return label and label.rpartition(" in ")[0]


def plain(text: str, table: "Inspected") -> str | None:
    """Return the header of a column called HEADER or TABLE.HEADER; None where *table* has none."""
    headers = [column.name for column in table.columns]
    if (header := among(text, headers)) is not None:
        return header
    name, _, rest = text.partition(".")

    return among(rest, headers) if table.is_called(name) else None


def columns_of(tables: "Sequence[Inspected]") -> str:
    """Return the columns of each table, to be read."""
    return "; ".join(
        f"{table.name}: {', '.join(column.name for column in table.columns)}" for table in tables
    )


def require_columns(answers: Answers, tables: "Sequence[Inspected]") -> None:
    """
    Refuse names of columns that none of several tables has.

    Raises:
        ImportRefused: There is one.
    """
    names = {table.name for table in tables}
    accepts = (text for text in answers.accepts if text not in names)
    said = filter(None, (answers.key, *answers.times, *answers.knowns, *answers.drops, *accepts))
    missing = [text for text in said if all(plain(text, table) is None for table in tables)]
    if missing:
        raise ImportRefused(
            f"no table has a column {', '.join(map(repr, missing))}; there are "
            f"{columns_of(tables)}",
            next_step="name columns as COLUMN or TABLE.COLUMN",
        )


def taken_names(house: Mapping[str, object]) -> frozenset[str]:
    """
    Return what no population of a person can be called, whose models would be called so too.

    Args:
        house: The populations that are the house's own, as its churn.toml has them.
    """
    models = {
        match["name"]
        for settings in house.values()
        if isinstance(settings, Mapping)
        for model in settings.values()
        if (match := MART.fullmatch(str(model)))
    }

    return frozenset({*house, *models})


def require_name(name: str, house: Mapping[str, object]) -> None:
    """
    Refuse what cannot be the name of a population.

    Args:
        name: What somebody wants.
        house: The populations that are the house's own.

    Raises:
        ConfigError: It is no name, or taken.
    """
    if not NAME.fullmatch(name) or BETWEEN in name or name.endswith("_"):
        raise ConfigError(
            f"{name!r} cannot be the name of a population: it takes 1 to {LONGEST_NAME} lower-case "
            "letters, digits and single _, and begins with a letter",
            next_step="name it like `churn new streaming SOURCE`",
        )
    if name in taken_names(house):
        raise ConfigError(
            f"{name} is a population of the house's churn.toml, or models of one are called so",
            next_step=f"give it another name, such as {name}_2",
        )
