"""The night's verdict, and what people are told."""

from dataclasses import replace
from datetime import date

import pytest

from pipelines.domain.drift.check import ColumnVerdict, DriftCheck
from pipelines.domain.drift.report import DriftReport, NightVerdict, judge_night
from pipelines.domain.drift.source_nulls import SourceNulls, check_source


def check(name: str, verdict: ColumnVerdict) -> DriftCheck:
    """Return one check."""
    return DriftCheck(
        feature=name,
        missing_reference_pct=0.0,
        missing_current_pct=0.0,
        verdict=verdict,
        finding="seen",
        nights=int(verdict == "drifted"),
        owner="data" if verdict != "drifted" else "science",
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (("quiet", "quiet"), "quiet"),
        (("quiet", "drifted"), "drifted"),
        (("missing", "drifted"), "unknown"),
        (("unknown", "drifted"), "unknown"),
        (("missing", "unknown"), "unknown"),
    ],
)
def test_what_is_broken_outweighs_what_drifted(
    found: tuple[ColumnVerdict, ...], expected: NightVerdict
) -> None:
    """No model learns from a night on which anything is missing."""
    assert expected == judge_night([check(f"f{i}", word) for i, word in enumerate(found)])[0]


@pytest.mark.parametrize(
    ("drifted", "missing", "is_counted", "expected"),
    [
        (15, 1, True, "drifted"),
        (15, 1, False, "unknown"),
        (2, 1, True, "drifted"),
        (1, 1, True, "unknown"),
        (15, 16, True, "unknown"),
    ],
)
def test_customers_who_changed_are_no_broken_feed(
    drifted: int, missing: int, *, is_counted: bool, expected: NightVerdict
) -> None:
    """More features drifted than miss values, and the gate found the sources filled."""
    words: list[ColumnVerdict] = [*["drifted"] * drifted, *["missing"] * missing]  # type: ignore[list-item]
    features = [replace(check(f"f{i}", word), importance=0.1) for i, word in enumerate(words)]
    verdict, reason = judge_night(features, is_source_counted=is_counted)

    assert expected == verdict
    assert reason.startswith("drifted: f0" if verdict == "drifted" else "missing rates changed: f")


@pytest.mark.parametrize("name", ["raw.invoices.paid_at", "*score*"])
def test_a_source_that_is_not_filled_outweighs_any_number(name: str) -> None:
    """Nor does drift explain scores that are not there, or a column that cannot be judged."""
    features = [replace(check(f"f{i}", "drifted"), importance=0.1) for i in range(15)]

    assert "unknown" == judge_night([*features, check(name, "missing")], is_source_counted=True)[0]
    unjudged = replace(check("f15", "unknown"), importance=0.1)
    assert "unknown" == judge_night([*features, unjudged], is_source_counted=True)[0]


def test_drift_that_does_not_last_yet_is_said_and_no_alarm() -> None:
    """On one night of three; of the columns that last alone the night has drifted."""
    new, lasting = check("new", "drifted"), replace(check("old", "drifted"), nights=2)

    assert judge_night([new], nights=2) == (
        "quiet",
        "1 checks, 1 of them drifted and not on 2 of three nights: new (seen)",
    )
    assert ("drifted", "drifted: old (seen)") == judge_night([new, lasting], nights=2)


def test_a_reason_names_five_and_counts_the_rest() -> None:
    """A page of names helps nobody."""
    _, reason = judge_night([check(f"f{index}", "drifted") for index in range(8)])

    assert "f4 (seen), and 3 more" in reason
    assert "f5" not in reason


def report(verdict: NightVerdict) -> DriftReport:
    """Return a report of three checks."""
    words: dict[NightVerdict, ColumnVerdict] = {
        "quiet": "quiet",
        "drifted": "drifted",
        "unknown": "missing",
    }

    return DriftReport(
        population="subscribers",
        as_of=date(2026, 3, 1),
        model_version=3,
        engine="scipy",
        verdict=verdict,
        reason="because",
        checks=(check("a", words[verdict]), check("b", "quiet"), check("c", "quiet")),
    )


def test_a_quiet_night_alarms_nobody() -> None:
    """No alert without a verdict."""
    assert report("quiet").alert is None


def test_drift_goes_to_data_science_and_asks_for_a_training() -> None:
    """Whether one follows is decided beside everything else that is known."""
    alert = report("drifted").alert

    assert alert is not None
    assert ("drift", "science") == (alert.kind, alert.owner)
    assert "Drift asks for a training" in alert.body


def test_a_broken_feed_goes_to_its_owner() -> None:
    """The alert of an unknown night is another kind, owned by who owns the columns."""
    alert = report("unknown").alert

    assert alert is not None
    assert ("drift_unknown", "data") == (alert.kind, alert.owner)
    assert "a model would learn from data that is not right" in alert.body
    assert "a: missing: seen (owner data)" in alert.body


@pytest.mark.parametrize(
    ("nulls", "usual", "is_tolerated", "is_missing"),
    [
        (30, (1000, 20), True, False),
        (60, (1000, 20), True, True),
        (60, None, True, False),
        (60, None, False, True),
        (30, (10, 0), True, False),
    ],
    ids=["one point more", "four points more", "no night before", "gate refused", "too few"],
)
def test_a_source_column_is_missing_when_it_is_emptier_than_usual(
    nulls: int, usual: tuple[int, int] | None, *, is_tolerated: bool, is_missing: bool
) -> None:
    """Against the fullest night before, by the same rule as a feature; or when the gate said so."""
    rows, empty = usual or (None, None)
    source = SourceNulls(
        "raw.usage_events.quantity", 1000, nulls, rows, empty, is_tolerated, "data"
    )
    found = check_source(source, watched=10, p_value=1e-3, missing_points=2.0)

    assert is_missing == (found is not None and found.verdict == "missing")
