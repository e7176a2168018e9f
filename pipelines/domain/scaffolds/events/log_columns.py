"""Columns of a log that say of which kind an event is, or how much it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.domain.scaffolds.names import (
    LONGEST_SLUG,
    header_words,
    slug,
    stem,
    words,
)
from pipelines.domain.scaffolds.spelling import OTHER

# So many kinds have features of their own, over all columns of kinds; the others count together.
MOST_KINDS = 12


@dataclass(frozen=True, slots=True)
class Level:
    """
    One kind of event.

    Attributes:
        value: As the column holds it.
        slug: As names of features say it.
        words: As people read it.
    """

    value: str
    slug: str
    words: str


@dataclass(frozen=True, slots=True)
class KindColumn:
    """
    A column that says of which kind an event is.

    Attributes:
        column: Its name in the raw table.
        stem: Its name in the staging view and in names of features.
        levels: Kinds with features of their own, the commonest first.
        has_other: Whether there are more kinds, which count together.
        is_named: Whether titles say its name, because another column has kinds too.
    """

    column: str
    stem: str
    levels: tuple[Level, ...]
    has_other: bool = False
    is_named: bool = False

    @property
    def measures(self) -> Mapping[str, str]:
        """What people read of each count of a day, by its name."""
        prefix = f"{self.words} " if self.is_named else ""
        found = {self.measure(level): f"{prefix}{level.words}" for level in self.levels}
        if self.has_other:
            found[self.other] = f"{prefix}other kinds"

        return found

    @property
    def words(self) -> str:
        """What people read of the column."""
        return header_words(self.column)

    def measure(self, level: Level) -> str:
        """Return the name of the count of *level* a day."""
        return f"{self.stem}_{level.slug}"

    @property
    def other(self) -> str:
        """The name of the count of all other kinds a day."""
        return f"{self.stem}_{OTHER}"


@dataclass(frozen=True, slots=True)
class AmountColumn:
    """
    A column that says how much an event was.

    Attributes:
        column: Its name in the raw table.
        stem: Its name in the staging view and in names of features.
        unit: What it is counted in; empty where nobody said.
    """

    column: str
    stem: str
    unit: str

    @property
    def words(self) -> str:
        """What people read of it."""
        return header_words(self.column)


def kind_columns(levels: Mapping[str, Sequence[str]]) -> tuple[KindColumn, ...]:
    """
    Choose which kinds have features of their own, and name them.

    Args:
        levels: By raw column all its kinds, the commonest first.
    """
    if not levels:
        return ()
    most = max(MOST_KINDS // len(levels), 1)
    columns: list[KindColumn] = []
    for column, values in levels.items():
        # One more than there is room for needs no company.
        own = values if len(values) <= most + 1 else values[:most]
        name = stem(column, taken=[found.stem for found in columns])
        slugs: list[str] = [OTHER] if len(own) < len(values) else []
        named: list[Level] = []
        for value in own:
            slugs.append(slug(value, longest=LONGEST_SLUG, taken=slugs))
            named.append(Level(value, slugs[-1], words(value) or words(slugs[-1])))
        columns.append(
            KindColumn(column, name, tuple(named), len(own) < len(values), len(levels) > 1)
        )

    return tuple(columns)


def amount_columns(
    units: Mapping[str, str], kinds: Sequence[KindColumn] = ()
) -> tuple[AmountColumn, ...]:
    """
    Name the columns of amounts.

    Args:
        units: By raw column what it is counted in; empty where nobody said.
        kinds: Columns of kinds of the same log.
    """
    taken = [stem for kind in kinds for stem in (kind.stem, *kind.measures)]
    columns: list[AmountColumn] = []
    for column, unit in units.items():
        name = stem(column, taken=[*taken, *(found.stem for found in columns)])
        columns.append(AmountColumn(column, name, words(unit)))

    return tuple(columns)
