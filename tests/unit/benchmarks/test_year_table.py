"""What is said of a year of nights."""

import json
from pathlib import Path
from typing import Any

from tests.benchmarks.year_table import CHAMPION, FIRST, lines, table

PROMISE = {
    "lower": 0.4,
    "upper": 0.6,
    "rows": 5000,
    "churners": 2500,
    "lists": 5,
    "spread": 0.0,
}


def night(slope: float, left: int, *, who: str = CHAMPION, moved: float = 0.001) -> dict[str, Any]:
    """Return a night on which so many of the 100 in a tier left of whom about 50 were to."""
    return {
        "who": who,
        "customers": 1000,
        "churners": left,
        "auc": 0.8,
        "calibration_slope": {"value": slope, "lower": slope - 0.05, "upper": slope + 0.05},
        "tiers": {
            "high": {
                "customers": 100,
                "churners": left,
                "expected": 50.0,
                "promise": PROMISE,
                "tiers": 1,
            },
            "critical": {"customers": 0, "churners": 0, "expected": 0.0, "promise": PROMISE},
        },
        "moved": {"loose": moved, "held": 0.0},
    }


def test_a_year_is_met_by_95_of_a_hundred_nights() -> None:
    """Of slopes, of tiers, and of noise; what the first model would have done is only told."""
    good, steep, broken = night(1.0, 50), night(1.2, 50), night(1.0, 70)

    assert table([good] * 95 + [steep] * 5)[1]
    assert not table([good] * 94 + [steep] * 6)[1]
    assert not table([good] * 94 + [broken] * 6)[1]
    assert not table([good] * 99 + [night(1.0, 50, moved=0.02)])[1]
    assert table([good, night(2.0, 90, who=FIRST)])[1]


def test_what_is_surely_not_is_told_beside_what_chance_may_be() -> None:
    """58 % slightly above a range may be chance, 90 % is not."""
    text, _ = table([night(1.0, 50), night(1.12, 62), night(1.3, 90)])

    assert (
        "| slope of calibration within 0.9 and 1.1, mean 1.140 | 1 of 3 (33%) | 1 | 95% |" in text
    )
    assert "| 1 of 3 (33%) | 1 | 95% |\n| every tier" in text
    assert "critical" not in text


def test_half_a_line_of_a_run_that_was_killed_is_none(tmp_path: Path) -> None:
    """That night is looked at again."""
    told = tmp_path / "nights.jsonl"
    assert [] == lines(told)
    told.write_text(f'{json.dumps({"as_of": "2026-01-01"})}\n{{"as_of": "2026-0')

    assert [{"as_of": "2026-01-01"}] == lines(told)
