"""A population in words."""

from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.several.population import several_tables
from pipelines.domain.scaffolds.summary import Section, summary
from tests.several_tables import looked_at, tables


def said(answers: Answers, label: str | None = None) -> dict[str, tuple[str, ...]]:
    """Return what is said, by the title."""
    found: list[Section] = summary(several_tables(answers, looked_at(tables(), label=label)))

    return {section.title.partition(":")[0]: section.items for section in found}


def test_a_log_is_said_with_what_lies_beside_it() -> None:
    """Whose rows are whose, who left, and what is left out for one reason together."""
    found = said(Answers("saas", gone=("cancellations.reason=price in 45d", "no usage in 45d")))

    assert ["saas, a log", "cancellations, of those who left"] == [*found][:2]
    assert (
        "whose a row is: subscription_id, by subscriptions.subscription_id; when it happened: "
        "used_on",
        "who left: no row or a row of cancellations where reason is 'price' in 45 days",
        "who is scored: with a row in the last 45 days",
    ) == found["saas, a log"][:3]
    assert ("whose a row is: account_id; when it happened: cancelled_on",) == found[
        "cancellations, of those who left"
    ]
    assert any(
        item.startswith("left out: country, plan, has_left: as it is now")
        for item in found["accounts, one row a customer"]
    )


def test_a_label_is_said_with_the_tables_that_know_it() -> None:
    """They are left out, with the reason."""
    found = said(Answers("saas", label="has_left=True"), "has_left=True")

    assert "who left: has_left is 'true'" in found["saas, one row a customer"]
    assert {"usage", "cancellations"} == {
        item.partition(":")[0] for item in found["tables that are left out"]
    }
