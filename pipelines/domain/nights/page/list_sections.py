"""Sections about the list: its tiers, who moved, and who has come to the top."""

from pipelines.domain.nights.page import charts, figures
from pipelines.domain.nights.page.answers import Answer, Answers
from pipelines.domain.nights.page.terms import Terms
from pipelines.domain.nights.page.view import Cell, Column, Section, Table

NO_REASON = "no reason stored"
ABSENT = "not in the list"
THEMES_SHOWN = 8


def tiers(answers: Answers, terms: Terms) -> Section:
    """Return the tiers of the list people see, with what is expected to leave of each."""
    asked, fees = answers["tiers"], answers["fees"]
    rows = {str(row["tier"]): number for number, row in enumerate(asked.rows)}
    paid = {row["tier"]: number for number, row in enumerate(fees.rows)}
    if not rows:
        return Section(
            "tiers",
            "Tiers",
            says=[["No list has been published yet, so there are no tiers to show."]],
            answers=[*answers.asked("tiers")],
        )

    most = max(float(row["expected_leavers"]) for row in asked.rows)
    lines = []
    for tier in terms.order(*rows):
        if tier not in rows:
            lines.append(_empty_tier(tier, terms, has_fees=bool(paid)))
            continue
        number = rows[tier]
        row = asked.rows[number]
        leaving = asked.cell(number, "expected_leavers", figures.count(row["expected_leavers"]))
        picture = charts.bar(
            float(row["expected_leavers"]), most, "", "top" if tier in terms.tiers.top else "accent"
        )
        line = [
            Cell(tier, note=terms.begins(tier)),
            asked.cell(number, "customers", figures.count(row["customers"])),
            asked.cell(number, "share_pct", figures.percent(row["share_pct"]), tone="soft"),
            asked.cell(number, "change", figures.change(row["change"]), tone="soft"),
            leaving,
            Cell("", chart=picture),
        ]
        if paid:
            line.append(_fees(fees, paid.get(tier)))
        lines.append(line)
    columns = [
        Column("Tier"),
        Column("Customers", is_number=True),
        Column("Share", is_number=True, is_spare=True),
        Column("Change", is_number=True),
        Column("Expected to leave", is_number=True),
        Column("", is_spare=True),
        *([Column("Fees at risk a month", is_number=True)] if paid else []),
    ]
    before = asked.first["before_date"]
    said = (
        f"Changes are against the list of {before}."
        if before
        else "There is no list before it to compare with."
    )

    return Section(
        "tiers",
        "Tiers",
        explains="Customers by how likely they are to leave, and how many of each tier are "
        f"expected to within {terms.horizon_days} days: the sum of their probabilities. {said}",
        tables=[Table("Customers by risk tier", columns, lines)],
        answers=[*answers.asked("tiers", "fees")],
    )


def movement(answers: Answers, terms: Terms) -> Section:
    """Return how many customers moved from which tier to which."""
    asked = answers["movement"]
    section = Section(
        "movement",
        "Movement",
        explains="Rows are the list before, columns are tonight's. Right of the diagonal risk "
        "rose, left of it it fell.",
        answers=[*answers.asked("movement")],
    )
    if not asked.rows:
        return Section(
            section.key,
            section.title,
            says=[["Nothing to compare: it takes a list of tonight and one before it."]],
            answers=section.answers,
        )
    found = {(row["tier_before"], row["tier_now"]): at for at, row in enumerate(asked.rows)}
    names = {name for pair in found for name in pair if name is not None}
    order: list[str | None] = [*reversed(terms.order(*map(str, names)))]
    moved = {pair: int(asked.rows[at]["customers"]) for pair, at in found.items()}
    most = max([number for (before, now), number in moved.items() if before != now], default=0)
    after = [*order, *([None] if any(now is None for _, now in found) else [])]
    lines = []
    for before in [*order, *([None] if any(before is None for before, _ in found) else [])]:
        fields = [
            _moved(asked, found.get((before, now)), most, is_same=before == now) for now in after
        ]
        lines.append([Cell(before or ABSENT, tone="" if before else "soft"), *fields])
    columns = [
        Column("From \\ to"),
        *(Column(now or "left the list", is_number=True) for now in after),
    ]

    return Section(
        section.key,
        section.title,
        section.explains,
        says=[_moves(asked)],
        tables=[Table("Customers by tier before and now", columns, lines)],
        answers=section.answers,
    )


def arrivals(answers: Answers, terms: Terms) -> Section:
    """Return how many have come into the highest tiers, and why, by theme."""
    asked = answers["new_at_risk"]
    top = " and ".join(reversed(terms.tiers.top))
    title = f"New in {top}"
    # Nobody is named here: the database shows who they are to those who may see them.
    questions = [*answers.asked("new_at_risk", "who")]
    if not asked.rows:
        nobody = (
            "Nobody has come into these tiers since the list before."
            if answers["movement"].rows
            else "Nothing to compare: it takes a list of tonight and one before it."
        )
        return Section("new", title, says=[[nobody]], answers=questions)

    total, joined = asked.first["customers_in_all"], asked.first["not_in_list_before"]
    most = max(int(row["customers"]) for row in asked.rows)
    lines = [
        [
            Cell(
                str(row["theme"] or NO_REASON),
                tone="" if row["theme"] else "soft",
            ),
            Cell(str(row["tier"])),
            asked.cell(at, "customers", figures.count(row["customers"])),
            Cell("", chart=charts.bar(float(row["customers"]), most, "", "top")),
        ]
        for at, row in enumerate(asked.rows)
    ]
    columns = [
        Column("Strongest reason"),
        Column("Tier"),
        Column("Customers", is_number=True),
        Column("", is_spare=True),
    ]
    said: list[Cell | str] = [
        asked.cell(0, "customers_in_all", figures.count(total)),
        f" {figures.plural(total, 'customer has', 'customers have')} come into these tiers since "
        "the list before",
    ]
    if joined:
        number = asked.cell(0, "not_in_list_before", figures.count(joined))
        said += [", ", number, " of whom were not in it"]
    said.append(
        ". Who they are is not on this page: the last query below asks, for those who may read "
        "the list."
    )

    return Section(
        "new",
        title,
        explains="By the theme that raises a customer's risk most.",
        says=[said],
        tables=[
            Table(
                "Customers new in the highest tiers, by theme and tier",
                columns,
                lines,
                more=max(0, len(lines) - THEMES_SHOWN),
            )
        ],
        answers=questions,
    )


def _empty_tier(tier: str, terms: Terms, *, has_fees: bool) -> list[Cell]:
    """Return the line of a tier without a customer."""
    blank = [Cell(figures.NOTHING, tone="soft", is_number=True) for _ in range(3)]
    line = [Cell(tier, note=terms.begins(tier)), Cell("0", is_number=True), *blank, Cell("")]

    return [*line, Cell(figures.NOTHING, tone="soft", is_number=True)] if has_fees else line


def _fees(fees: Answer, at: int | None) -> Cell:
    """Return what is at risk of the fees of a tier, with its range."""
    if at is None:
        return Cell(figures.NOTHING, tone="soft", is_number=True)
    row = fees.rows[at]

    return fees.cell(
        at,
        "at_risk",
        figures.count(row["at_risk"]),
        note=figures.between(row["at_risk_low"], row["at_risk_high"]),
    )


def _moved(asked: Answer, at: int | None, most: int, *, is_same: bool) -> Cell:
    """Return a field of the matrix, warmer the more customers moved."""
    if at is None:
        return Cell(figures.NOTHING, tone="soft", is_number=True)
    number = int(asked.rows[at]["customers"])
    cell = asked.cell(at, "customers", figures.count(number), tone="soft" if is_same else "")
    if is_same or most == 0:
        return cell
    heat = 1 + round(4 * (number / most) ** 0.5)

    return Cell(cell.text, heat=heat, source=cell.source, is_number=True)


def _moves(asked: Answer) -> list[str | Cell]:
    """Say how many rose, fell, came and went."""
    first = {str(row["direction"]): at for at, row in reversed([*enumerate(asked.rows)])}

    def number(direction: str) -> Cell | str:
        at = first.get(direction)
        if at is None:
            return "none"
        column = "customers_of_direction"
        return asked.cell(at, column, figures.count(asked.rows[at][column]))

    return [
        *(number("rose"), " moved to a higher tier and ", number("fell"), " to a lower one; "),
        *(number("joined"), " joined the list and ", number("left"), " left it."),
    ]
