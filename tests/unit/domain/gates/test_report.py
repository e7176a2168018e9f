"""The verdict of a gate and the words it is told in."""

from datetime import date

from pipelines.domain.gates.batch import Batch
from pipelines.domain.gates.check import Check, CheckSeverity
from pipelines.domain.gates.promises import LARGEST
from pipelines.domain.gates.report import GateReport, GateResult, result_of


def result(
    subject: str = "raw.t.c", severity: CheckSeverity = "fail", *, is_passed: bool = False
) -> GateResult:
    """Return one result."""
    return GateResult(
        subject=subject,
        expectation="expect_column_values_to_be_between",
        severity=severity,
        is_passed=is_passed,
        expected={"min_value": 0, "max_value": LARGEST},
        observed={"rows": 9, "missing": 0, "unexpected": 4, "unexpected_pct": 44.4},
        owner="data",
    )


def report(*results: GateResult) -> GateReport:
    """Return a report of *results*."""
    return GateReport("features", "subscribers", date(2026, 11, 20), None, results)


def test_a_sentence_names_subject_expectation_and_finding() -> None:
    """Bounds that only exclude infinity and NaN are called finite."""
    assert result().sentence == (
        "raw.t.c: column values to be between (min_value 0, max_value finite): 4 of 9 rows fail"
    )


def test_a_sentence_gives_the_reason_where_nothing_was_found() -> None:
    """An error replaces the finding."""
    check = Check("expect_column_values_to_not_be_null", {"column": "c"}, "test")
    batch = Batch(schema="raw", table="t", checks=(check,))
    found = result_of(batch, check, is_passed=False, observed={"error": "column c is not there"})

    assert found.sentence == "raw.t.c: column values to not be null: column c is not there"


def test_only_a_failed_check_of_severity_fail_stops() -> None:
    """Warnings are listed and stop nothing."""
    warned = result(severity="warn")
    mixed = report(result(is_passed=True), warned)

    assert mixed.is_passed
    assert mixed.warnings == (warned,)
    assert not report(result(), warned).is_passed


def test_the_summary_names_three_failures_and_counts_the_rest() -> None:
    """The message stays readable when everything fails."""
    many = report(*(result(f"raw.t.c{n}") for n in range(5)), result(is_passed=True))

    assert many.summary.startswith(
        "features gate of subscribers 2026-11-20: 5 of 6 checks failed: raw.t.c0: "
    )
    assert many.summary.endswith(
        "raw.t.c2: column values to be between (min_value 0, max_value "
        "finite): 4 of 9 rows fail; and 2 more; owner data"
    )
