"""What is at stake in money: fees that may leave, and what contacting customers would bring."""

from pipelines.domain.nights.page import figures
from pipelines.domain.nights.page.answers import Answer, Answers
from pipelines.domain.nights.page.terms import Terms
from pipelines.domain.nights.page.view import Cell, Column, Section, Table


def money(population: str, answers: Answers, terms: Terms) -> Section:
    """Return fees at risk, and what the list is worth under the costs of a campaign."""
    costs = terms.costs
    mean = costs.acceptance_alpha / (costs.acceptance_alpha + costs.acceptance_beta)
    value, offer, contact = (
        f"{amount:g}"
        for amount in (costs.customer_lifetime_value, costs.offer_cost, costs.contact_cost)
    )
    explains = (
        f"A campaign under [business] of churn.toml: a kept customer is worth {value}, an offer "
        f"costs {offer}, a contact {contact}, and {figures.share(mean, 0)} of "
        f"churners are expected to stay for it. Ranges hold 95 %."
    )
    worth = answers["worth"]

    return Section(
        "money",
        "Money",
        explains,
        says=[_at_risk(population, answers["fees"], terms), _best(worth)],
        tables=[_campaigns(worth, terms)] if worth.rows else [],
        answers=[*answers.asked("fees", "worth")],
    )


def _at_risk(population: str, fees: Answer, terms: Terms) -> list[Cell | str]:
    """Say how much of the fees is expected to leave."""
    if terms.fee is None:
        return [
            "Fees at risk are not shown: no feature is named as what a customer pays a month. Add ",
            Cell('fee = "NAME"', is_code=True),
            " to ",
            Cell(f"[populations.{population}]", is_code=True),
            " in churn.toml.",
        ]
    if not fees.rows:
        return [
            "Fees at risk are not shown: ",
            Cell(terms.fee, is_code=True),
            " holds no value for the customers of this list.",
        ]
    row = fees.first

    return [
        "Of ",
        fees.cell(0, "fees", figures.count(row["fees"])),
        " in fees a month, ",
        fees.cell(0, "at_risk", figures.count(row["at_risk"]), tone="strong"),
        f" are expected to leave within {terms.horizon_days} days (",
        fees.cell(0, "at_risk_low", figures.count(row["at_risk_low"])),
        " to ",
        fees.cell(0, "at_risk_high", figures.count(row["at_risk_high"])),
        " by chance alone).",
    ]


def _best(worth: Answer) -> list[Cell | str]:
    """Say from which probability on a contact pays."""
    if not worth.rows:
        return ["No list has been published yet, so there is nobody to contact."]
    pays_from = worth.first["pays_from"]
    said: list[Cell | str] = ["A contact pays from a churn probability of "]
    said.append(worth.cell(0, "pays_from", figures.share(pays_from)))
    if not any(row["whom"] == "worthwhile" for row in worth.rows):
        return [*said, ", which nobody on this list reaches."]

    return [*said, " on."]


def _campaigns(worth: Answer, terms: Terms) -> Table:
    """Return what contacting as many as one can brings, and contacting all for whom it pays."""
    whom = {
        "capacity": f"The riskiest {terms.capacity_pct:g}{figures.NARROW}%, as many as can be",
        "worthwhile": "Everybody for whom it pays",
    }
    lines = [
        [
            Cell(whom[str(row["whom"])]),
            worth.cell(at, "contacted", figures.count(row["contacted"])),
            worth.cell(at, "expected_leavers", figures.count(row["expected_leavers"])),
            worth.cell(
                at,
                "worth",
                figures.count(row["worth"]),
                tone="bad" if float(row["worth"]) < 0 else "strong",
                note=figures.between(row["worth_low"], row["worth_high"]),
            ),
        ]
        for at, row in enumerate(worth.rows)
    ]

    return Table(
        "What contacting customers would bring",
        [
            Column("Contacted"),
            Column("Customers", is_number=True),
            Column("Expected to leave", is_number=True),
            Column("Worth", is_number=True),
        ],
        lines,
    )
