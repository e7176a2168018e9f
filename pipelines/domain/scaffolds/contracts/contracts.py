"""What is asked of a table of contracts: names of its models and columns, and how far it looks."""

from dataclasses import dataclass

from pipelines.domain.imports.declared import BETWEEN
from pipelines.domain.scaffolds.names import LONGEST_NAME, is_part


@dataclass(frozen=True, slots=True)
class Contracts:
    """
    A table whose rows begin and end.

    Attributes:
        population: Name of the population its customers are.
        table: Name of the table, as `sources/POPULATION.toml` calls it.
        ended: Name of the table of its ends.
        begin: Raw column that says when a row begins.
        end: Raw column that says when it ends.
        row_key: Raw column that tells contracts of one customer apart: their number, or the begin.
        dated: Of `begin` and `end`, those that are dates.
        eligible_days: Members have a contract that began in so many days before; None: ever.
        horizon_days: Length of the horizon.
        gap_days: Days from as_of to the horizon.
    """

    population: str
    table: str
    ended: str
    begin: str
    end: str
    row_key: str
    dated: frozenset[str] = frozenset()
    eligible_days: int | None = None
    horizon_days: int = 30
    gap_days: int = 0

    def __post_init__(self) -> None:
        """Refuse names that would not do, and days that cannot be."""
        names = (self.population, self.table)
        longest = max(map(len, (self.known, self.ended_staging)))
        if longest > LONGEST_NAME or not all(map(is_part, names)):
            raise ValueError(f"{names} are too long, or no plain names")
        days = (self.horizon_days, 1 if self.eligible_days is None else self.eligible_days)
        if min(days) < 1 or self.gap_days < 0:
            raise ValueError("horizon and eligible days begin at 1, gap days at 0")

    @property
    def raw_table(self) -> str:
        """Name of the raw table of the begins."""
        return f"{self.population}{BETWEEN}{self.table}"

    @property
    def raw_ended(self) -> str:
        """Name of the raw table of the ends."""
        return f"{self.population}{BETWEEN}{self.ended}"

    @property
    def staging(self) -> str:
        """Name of the staging view of the begins."""
        return f"stg_{self.population}__{self.table}"

    @property
    def ended_staging(self) -> str:
        """Name of the staging view of the ends."""
        return f"{self.staging}_ended"

    @property
    def known(self) -> str:
        """Name of the model of what was known of each contract."""
        return f"int_{self.population}_{self.table}_known"
