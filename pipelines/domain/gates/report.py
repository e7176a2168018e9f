"""What a gate found, and its verdict: whether a batch is fit to use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pipelines.domain.gates.batch import Batch
from pipelines.domain.gates.bounds import QUANTITY
from pipelines.domain.gates.check import Check, CheckSeverity
from pipelines.domain.gates.promises import LARGEST

Gate = Literal["sources", "features", "scores"]

FAILURES_NAMED = 3

# What `expected` holds besides the arguments of the expectation: where its bounds come from.
ORIGINS = {
    *(QUANTITY, "trailing_median", "nights", "weeks", "days", "remark"),
    *("rows_known", "at", "riskiest", "before"),
}


@dataclass(frozen=True, slots=True)
class GateResult:
    """
    What one check found. Holds counts, aggregates and names, never a value of a row.

    Attributes:
        subject: `schema.table` or `schema.table.column`.
        expectation: Type as Great Expectations names it.
        severity: Whether a failure stops the night or is only recorded.
        is_passed: Whether the expectation was met.
        expected: Its arguments.
        observed: What was found, or under `error` why nothing could be.
        owner: Who is asked when it fails.
    """

    subject: str
    expectation: str
    severity: CheckSeverity
    is_passed: bool
    expected: Mapping[str, Any]
    observed: Mapping[str, Any]
    owner: str

    @property
    def sentence(self) -> str:
        """What was expected of what, and what was found."""
        words = self.expectation.removeprefix("expect_").replace("_", " ")
        found = self.observed
        if "error" in found:
            return f"{self.subject}: {words}: {found['error']}"
        if "unexpected" in found:
            seen = f"{found['unexpected']} of {found['rows']} rows fail"
        else:
            seen = f"found {_listed(found)}"
        arguments = _listed({k: v for k, v in self.expected.items() if k not in ORIGINS})
        expected = "; ".join(part for part in (arguments, origin_of_bounds(self.expected)) if part)

        return f"{self.subject}: {words}{f' ({expected})' if expected else ''}: {seen}"


@dataclass(frozen=True, slots=True)
class GateReport:
    """
    Every result of one gate.

    Attributes:
        gate: Which gate.
        population: Its name in churn.toml.
        as_of: The date of the batch.
        run_id: The score run, at the gate of scores.
        results: One per check.
        docs: First of the pages that show them.
    """

    gate: Gate
    population: str
    as_of: date
    run_id: int | None
    results: tuple[GateResult, ...]
    docs: str = ""

    @property
    def failures(self) -> tuple[GateResult, ...]:
        """Results that stop the night."""
        return tuple(r for r in self.results if not r.is_passed and r.severity == "fail")

    @property
    def warnings(self) -> tuple[GateResult, ...]:
        """Results that are recorded and stop nothing."""
        return tuple(r for r in self.results if not r.is_passed and r.severity == "warn")

    @property
    def is_passed(self) -> bool:
        """Whether the batch is fit to use."""
        return not self.failures

    @property
    def title(self) -> str:
        """The verdict in one line."""
        return (
            f"{self.gate} gate of {self.population} {self.as_of}: "
            f"{len(self.failures)} of {len(self.results)} checks failed"
        )

    @property
    def owners(self) -> tuple[str, ...]:
        """Who is asked about the failures."""
        return tuple(sorted({result.owner for result in self.failures}))

    @property
    def summary(self) -> str:
        """The verdict, the first failures and whom to ask."""
        named = [result.sentence for result in self.failures[:FAILURES_NAMED]]
        more = len(self.failures) - len(named)
        if more:
            named.append(f"and {more} more")

        return f"{self.title}: {'; '.join(named)}; owner {', '.join(self.owners)}"


def result_of(
    batch: Batch, check: Check, *, is_passed: bool, observed: Mapping[str, Any]
) -> GateResult:
    """Return what *check* of *batch* found."""
    column = check.kwargs.get("column") or check.kwargs.get("column_A")
    subject = f"{batch.schema}.{batch.table}"

    return GateResult(
        subject=f"{subject}.{column}" if column else subject,
        expectation=check.expectation,
        severity=check.severity,
        is_passed=is_passed,
        expected={
            **{key: value for key, value in check.kwargs.items() if key != "column"},
            **check.context,
        },
        observed=observed,
        owner=check.owner,
    )


def origin_of_bounds(expected: Mapping[str, Any]) -> str:
    """Return where the bounds of a check come from, for people; empty if from no earlier night."""
    words = [
        f"trailing median of {expected[of]} {of} {_worded(expected['trailing_median'])}"
        for of in ("nights", "weeks", "days")
        if of in expected
    ]
    if "rows_known" in expected:
        words.append(f"the night of {expected['at']} knew {_worded(expected['rows_known'])}")
    if "before" in expected:
        words.append(
            f"of the {expected['riskiest']} riskiest, beside those of {expected['before']}"
        )
    if "remark" in expected:
        words.append(str(expected["remark"]))

    return ", ".join(words)


def _listed(values: Mapping[str, Any]) -> str:
    """Return `key value` pairs for people."""
    return ", ".join(f"{key} {_worded(value)}" for key, value in values.items())


def _worded(value: object) -> str:
    """Return a value for people; a bound that only excludes infinity and NaN says so."""
    if isinstance(value, float) and abs(value) < 1000:
        return f"{value:.4g}"
    if isinstance(value, float):
        return "finite" if abs(value) == LARGEST else f"{value:,.0f}"
    if isinstance(value, int) and value >= 10_000:
        return f"{value:,}"

    return str(value)
