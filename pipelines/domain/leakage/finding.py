"""One suspicion of a leak: which columns, what kind, how large, and how it is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipelines.errors import LeakSuspected

# tells: alone; named: alone, and called after the outcome; filled: written only for one outcome;
# level, tail: a value, or values beyond a bound, that only those who left have; rates: churn rates
# of the table's own rows; id: of ids that were given by outcome; later: times after the row's own;
# pair and sum: several together.
Kind = Literal["tells", "named", "filled", "level", "tail", "rates", "id", "later", "pair", "sum"]


@dataclass(frozen=True, slots=True)
class Finding:
    """
    Columns that know what became of a customer.

    Attributes:
        columns: Their names; of more than one, what they know they know together.
        kind: What gave them away.
        reason: The same in words, with its size; it goes on from the name.
        auc: How well they tell who left, out of fold, 0.5 to 1; None where that is not the size.
    """

    columns: tuple[str, ...]
    kind: Kind
    reason: str
    auc: float | None = None

    def __str__(self) -> str:
        """Return names and reason."""
        return f"{' and '.join(self.columns)} {self.reason}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-compatible values."""
        return {
            "columns": [*self.columns],
            "kind": self.kind,
            "reason": self.reason,
            "auc": None if self.auc is None else round(self.auc, 4),
        }


def refusal(findings: Sequence[Finding], what: str, *, next_step: str) -> LeakSuspected:
    """
    Return the refusal of columns that are suspect, all of them by name, for people and programs.

    Args:
        findings: At least one.
        what: What the columns are of, as it goes on from their number.
        next_step: What to do about it.
    """
    refused = LeakSuspected(
        f"{len(names(findings))} {what} may know who left: {'; '.join(map(str, findings))}",
        next_step=next_step,
    )
    refused.leaks = [finding.to_dict() for finding in findings]

    return refused


def names(findings: Sequence[Finding]) -> list[str]:
    """Return the name of every column that is suspected, each once, in order."""
    return [*dict.fromkeys(name for finding in findings for name in finding.columns)]


def by_column(findings: Sequence[Finding]) -> dict[str, str]:
    """Return why each column is suspected, by its name."""
    reasons: dict[str, str] = {}
    for finding in findings:
        for name in finding.columns:
            others = [other for other in finding.columns if other != name]
            beside = f"with {' and '.join(others)}: " if others else ""
            reasons.setdefault(name, beside + finding.reason)

    return reasons
