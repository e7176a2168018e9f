"""Sections about the model: what came of its promises, and what the loop did."""

from pipelines.domain.nights.page import charts, figures
from pipelines.domain.nights.page.answers import Answer, Answers
from pipelines.domain.nights.page.terms import Terms
from pipelines.domain.nights.page.view import Cell, Column, Link, Section, Table

RECOVERY = {"recovered": "good", "not recovered": "bad"}
ACTIONS = {
    "nothing": "nothing was done",
    "alert": "people were told",
    "retrain": "a training was asked for",
    "ask": "a person is asked",
}
METRICS_SHOWN = 12
# Metrics that are shares of 1, and so on one scale; others are shown without a picture.
SHARES = ("auc", "pr_auc", "brier", "precision", "recall", "accuracy", "mean_predicted")


def outcomes(answers: Answers, terms: Terms) -> Section:
    """Return how the list measured last turned out, against what its tiers promised."""
    found, promises = answers["outcomes"], answers["promises"]
    if not found.rows:
        return Section(
            "outcomes",
            "Outcomes",
            says=[
                [
                    "No list's horizon has passed yet. Outcomes come "
                    f"{terms.horizon_days} days after the first one."
                ]
            ],
            answers=[*answers.asked("outcomes")],
        )
    first = found.first
    said: list[Cell | str] = [
        f"Of the list of {first['score_date']} (version {first['model_version']}), ",
        found.cell(0, "churners", figures.count(first["churners"])),
        " of ",
        found.cell(0, "customers", figures.count(first["customers"])),
        " customers left.",
    ]
    tables = [_promises(promises, terms)] if promises.rows else []

    return Section(
        "outcomes",
        "Outcomes",
        explains="The latest list whose horizon has passed: what its tiers promised, and what "
        "came of it.",
        says=[said],
        tables=[*tables, _metrics(found)],
        legend=[("then", "promised range"), ("accent", "what came"), ("bad", "outside of it")],
        answers=[*answers.asked("promises", "outcomes")],
    )


def loop(answers: Answers, model_link: str) -> Section:
    """Return who is champion, what was done tonight, what was decided and came of it."""
    champion, decisions = answers["champion"], answers["decisions"]
    retrained = answers["retrainings"]
    says: list[list[Cell | str]] = []
    if champion.rows:
        row = champion.first
        says.append(
            [
                "Champion is version ",
                champion.cell(0, "version", str(row["version"])),
                f", since {row['since']}: ",
                champion.cell(0, "age_days", figures.count(row["age_days"])),
                f" {figures.plural(row['age_days'], 'day')} old.",
            ]
        )
    else:
        says.append(["No model has been made champion up to this night."])
    says += [
        [f"Tonight: {ACTIONS.get(row['action'], row['action'])}. {row['reason']}"]
        for row in answers["decision"].rows
    ]
    if not decisions.rows:
        says.append(["No model was judged in the last 30 days."])
    lines = [
        [
            Cell(str(row["as_of"])),
            decisions.cell(at, "challenger_version", str(row["challenger_version"])),
            Cell(
                str(row["decision"]),
                tone={"promoted": "good", "not promoted": "soft"}.get(row["decision"], "warn"),
            ),
            Cell(str(row["reason"])),
        ]
        for at, row in enumerate(decisions.rows)
    ]
    columns = [
        Column("Date"),
        Column("Version", is_number=True),
        Column("Decision"),
        Column("Why"),
    ]

    return Section(
        "loop",
        "What the loop did",
        explains="Trainings and promotions of the last 30 days.",
        says=says,
        tables=[
            *([Table("Models judged in the last 30 days", columns, lines)] if lines else []),
            *([_retrainings(retrained)] if retrained.rows else []),
        ],
        links=[Link("The model in MLflow", model_link)] if model_link else [],
        answers=[*answers.asked("champion", "decision", "decisions", "retrainings")],
    )


def _retrainings(asked: Answer) -> Table:
    """Return the trainings that evidence asked for, and whether it helped."""
    lines = [
        [
            Cell(str(row["as_of"])),
            Cell(str(row["cause"])),
            Cell(
                str(row["came_to"]),
                note=""
                if row["challenger_version"] is None
                else f"version {row['challenger_version']}",
            ),
            *(
                Cell(figures.NOTHING, tone="soft", is_number=True)
                if row[column] is None
                else asked.cell(at, column, figures.decimal(row[column]))
                for column in ("precision_before", "precision_after")
            ),
            Cell(str(row["outcome"]), tone=RECOVERY.get(str(row["outcome"]), "soft")),
        ]
        for at, row in enumerate(asked.rows)
    ]
    columns = [
        *(Column("Asked"), Column("Cause"), Column("Came to")),
        *(Column("Precision before", is_number=True), Column("after", is_number=True)),
        Column("Performance"),
    ]

    return Table("Trainings that evidence asked for, in a year", columns, lines)


def _promises(promises: Answer, terms: Terms) -> Table:
    """Return for each tier how many were to leave, and how many did."""
    rows = {str(row["tier"]): at for at, row in enumerate(promises.rows)}
    lines = []
    for tier in terms.order(*rows):
        if tier not in rows:
            continue
        at = rows[tier]
        row = promises.rows[at]
        customers = float(row["customers"])
        low, high = float(row["expected_low"]), float(row["expected_high"])
        left = float(row["actually_left"])
        tone = "accent" if row["is_kept"] else "bad"
        edges = (min(low, left), max(high, left))
        room = max(edges[1] - edges[0], 1.0) * 0.25
        picture = charts.interval(
            left,
            None,
            (max(0.0, edges[0] - room), edges[1] + room),
            "",
            band=(low, high),
            tone=tone,
        )
        lines.append(
            [
                Cell(tier, note="" if row["is_kept"] else "outside its range", tone=""),
                promises.cell(at, "customers", figures.count(customers), tone="soft"),
                promises.cell(
                    at,
                    "expected",
                    figures.count(row["expected"]),
                    note=figures.between(low, high),
                ),
                promises.cell(
                    at,
                    "actually_left",
                    figures.count(left),
                    tone="strong" if row["is_kept"] else "bad",
                ),
                Cell("", chart=picture),
            ]
        )

    return Table(
        "Promised and come true, by tier",
        [
            Column("Tier"),
            Column("Customers", is_number=True, is_spare=True),
            Column("Promised to leave", is_number=True),
            Column("Left", is_number=True),
            Column(""),
        ],
        lines,
    )


def _promised(low: float | None, high: float | None) -> str:
    """Say what was promised of a metric."""
    between = figures.between(low, high, figures.decimal)

    return f"promised {between}" if between else ""


def _metrics(found: Answer) -> Table:
    """Return every metric with its interval."""
    lines = []
    for at, row in enumerate(found.rows):
        value, low, high = row["value"], row["lower"], row["upper"]
        name = str(row["metric"])
        ends = None if low is None or high is None else (float(low), float(high))
        picture = None
        if name.startswith(SHARES) and 0 <= float(value) <= 1:
            picture = charts.interval(float(value), ends, (0.0, 1.0), "")
        lines.append(
            [
                Cell(
                    name.replace("_", " "),
                    note="outside what was promised" if row["is_as_promised"] is False else "",
                ),
                found.cell(
                    at,
                    "value",
                    figures.decimal(value),
                    tone="bad" if row["is_as_promised"] is False else "strong",
                    note=_promised(row["promised_lower"], row["promised_upper"]),
                ),
                Cell(
                    figures.between(low, high, figures.decimal) or figures.NOTHING,
                    tone="soft",
                    is_number=True,
                ),
                Cell("", chart=picture),
            ]
        )

    return Table(
        "Measured, with 95 % intervals",
        [
            Column("Metric"),
            Column("Value", is_number=True),
            Column("95 % interval", is_number=True),
            Column("From 0 to 1", is_spare=True),
        ],
        lines,
        more=max(0, len(lines) - METRICS_SHOWN),
    )
