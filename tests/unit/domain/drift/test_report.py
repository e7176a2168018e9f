"""The night's verdict, and what people are told."""

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


def test_a_reason_names_five_and_counts_the_rest() -> None:
    """A page of names helps nobody."""
    _, reason = judge_night([check(f"f{index}", "drifted") for index in range(8)])

    assert "f4 (seen), and 3 more" in reason
    assert "f5" not in reason


def report(verdict: NightVerdict, *, is_training_requested: bool = False) -> DriftReport:
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
        is_training_requested=is_training_requested,
        reason="because",
        checks=(check("a", words[verdict]), check("b", "quiet"), check("c", "quiet")),
    )


def test_a_quiet_night_alarms_nobody() -> None:
    """No alert without a verdict."""
    assert report("quiet").alert is None


def test_drift_goes_to_data_science_and_says_what_happens_next() -> None:
    """The alert says whether a training was asked for, and if not why not."""
    asked, held = report("drifted", is_training_requested=True).alert, report("drifted").alert

    assert asked is not None
    assert held is not None
    assert ("drift", "science") == (asked.kind, asked.owner)
    assert "A training was requested" in asked.body
    assert "No training was requested: one was" in held.body


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
