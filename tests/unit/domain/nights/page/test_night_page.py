"""What stands on a page, from answers made by hand."""

from datetime import date
from typing import Any

from pipelines.domain.nights.page import figures
from pipelines.domain.nights.page.answers import Answer, Answers
from pipelines.domain.nights.page.night_page import Links, NightPage
from pipelines.domain.nights.page.terms import Terms
from pipelines.domain.nights.page.view import Cell, Section
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.training.measures.costs import Costs

NIGHT = date(2026, 3, 2)
TIERS = TierPolicy({"medium": 0.3, "high": 0.6}, {"low": "-", "medium": "mail", "high": "call"})
LIST = {
    "list_date": NIGHT,
    "age_days": 0,
    "customers": 900,
    "expected_leavers": 45.2,
    "mean_probability": 0.05,
    "model_name": "churn-x",
    "model_version": 7,
    "published_at_utc": None,
    "run_id": 3,
}
NAMES = ["tiers", "movement", "new", "money", "drift", "gates", "outcomes", "loop", "alerts"]


def page(*, fee: str | None = None, **rows: list[dict[str, Any]]) -> NightPage:
    """Return the page of a night of which some rows are known."""
    answers = Answers({name: Answer(name, name, "select", found) for name, found in rows.items()})
    terms = Terms(
        tiers=TIERS, costs=Costs(200, 10, 1, 6, 14), capacity_pct=5.0, horizon_days=30, fee=fee
    )

    return NightPage("x", NIGHT, answers, terms, Links(mlflow="http://m/{model}/{version}"))


def section(made: NightPage, key: str) -> Section:
    """Return one section of a page."""
    return next(found for found in made.sections if found.key == key)


def said(found: Section) -> str:
    """Return the sentences of a section."""
    return " ".join(
        "".join(part.text if isinstance(part, Cell) else part for part in parts)
        for parts in found.says
    )


def test_a_section_without_anything_says_so() -> None:
    """None is left blank, and none has an empty table."""
    made = page()

    assert NAMES == [found.key for found in made.sections]
    assert [] == [found.key for found in made.sections if not said(found) or found.tables]
    assert "people see no list at all" in made.headline
    assert [] == [*made.facts]


def test_tiers_are_from_the_highest_with_those_that_are_gone_behind() -> None:
    """One of nobody has a line too."""
    row = {"customers": 1, "share_pct": 1, "change": None, "before_date": None}
    found = section(
        page(
            tiers=[
                {**row, "tier": "gone", "expected_leavers": 0.5},
                {**row, "tier": "low", "expected_leavers": 3.0},
            ]
        ),
        "tiers",
    )
    (table,) = found.tables

    assert ["high", "medium", "low", "gone"] == [line[0].text for line in table.rows]
    assert ["60\xa0% and up", "30 to 60\xa0%", "below 30\xa0%", "no longer in churn.toml"] == [
        line[0].note for line in table.rows
    ]
    assert {len(table.columns)} == {len(line) for line in table.rows}
    assert "no list before it" in found.explains


def test_fees_say_what_is_missing() -> None:
    """No fee is named, or it holds nothing."""
    assert 'Add fee = "NAME" to [populations.x] in churn.toml.' in said(section(page(), "money"))
    assert "paid holds no value" in said(section(page(fee="paid"), "money"))


def test_facts_are_of_the_list_people_see() -> None:
    """Customers and who is expected to leave, with where the numbers are from."""
    facts = page(list=[LIST]).facts

    assert ["Customers", "Expected to leave"] == [fact.title for fact in facts]
    assert ["900", "45"] == [fact.number.text for fact in facts]
    assert ["900", "45.2"] == [
        fact.number.source.value for fact in facts if fact.number.source is not None
    ]


def test_movement_is_a_matrix_whose_moves_are_warm() -> None:
    """Who stayed is cold; who came or left has a row or a column of their own."""
    moves = [("low", "low", 80), ("low", "high", 4), ("high", None, 1), (None, "low", 2)]
    rows = [
        {
            "tier_before": before,
            "tier_now": now,
            "customers": customers,
            "direction": "stayed",
            "customers_of_direction": customers,
        }
        for before, now, customers in moves
    ]
    (table,) = section(page(movement=rows), "movement").tables

    assert ["low", "medium", "high", "not in the list"] == [line[0].text for line in table.rows]
    assert "left the list" == table.columns[-1].title
    heat = {cell.text: cell.heat for line in table.rows for cell in line[1:]}
    assert {"80": 0, "4": 5, "1": 3, "2": 4, figures.NOTHING: 0} == heat


def test_mlflow_is_linked_where_it_runs() -> None:
    """To the version whose list people see."""
    assert ["http://m/churn-x/7"] == [
        link.address for link in section(page(list=[LIST]), "loop").links
    ]
    assert [] == [*section(page(), "loop").links]


def test_what_is_long_is_folded() -> None:
    """Quiet features beyond eight; whatever drifted is never folded away."""
    check = {
        "effect_name": "psi",
        "effect": 0.1,
        "importance": 0.1,
        "nights": 1,
        "missing_then_pct": 0,
        "missing_now_pct": 0,
        "distribution": None,
    }
    verdict = {
        "verdict": "drifted",
        "reason": "r",
        "checks": 12,
        "quiet": 2,
        "is_training_requested": False,
    }
    found = [
        {**check, "feature": f"f{at}", "verdict": "drifted" if at < 10 else "quiet"}
        for at in range(12)
    ]
    (table,) = section(page(drift_verdict=[verdict], drift=found), "drift").tables

    assert 2 == table.more
    assert ["Feature", "Difference", "Missing", "Weight"] == [c.title for c in table.columns]
    assert "drifted, 1 of 3 nights" == table.rows[0][0].note
