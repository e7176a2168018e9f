"""How tonight differs from what the model learned from."""

from pipelines.domain.drift.columns import JOINT, RANKS, RESCORED, SCORE
from pipelines.domain.nights.page import charts, figures
from pipelines.domain.nights.page.answers import Answer, Answers
from pipelines.domain.nights.page.view import Cell, Chart, Column, Section, Table

SHOWN_CHECKS = 8
TONES = {"quiet": "", "drifted": "warn", "missing": "bad", "unknown": "warn"}
# What checks that are of no feature are of, for people.
NAMES = {
    SCORE: "the score itself",
    RANKS: "the order of the scores",
    RESCORED: "the scores, asked again",
    JOINT: "all features together",
}
EFFECTS = {
    "wasserstein_sd": "sd",
    "psi": "PSI",
    "usual_points": "points of the usual value",
    "share_points": "points",
    "missing_points": "points missing",
    "auc": "AUC of telling them apart",
    "spearman": "rank agreement",
    "rescored_pct": "% scored otherwise",
}
NONE = Cell(figures.NOTHING, tone="soft", is_number=True)


def drift(answers: Answers) -> Section:
    """Return how tonight differs from what the model learned from."""
    verdict, checks = answers["drift_verdict"], answers["drift"]
    if not verdict.rows:
        return Section(
            "drift",
            "Drift",
            says=[["Drift was not judged: it is compared once a list is published."]],
            answers=[*answers.asked("drift_verdict")],
        )
    told = verdict.first
    said: list[Cell | str] = [
        Cell(str(told["verdict"]), tone="good" if told["verdict"] == "quiet" else "warn"),
        f": {told['reason']}. ",
        verdict.cell(0, "quiet", figures.count(told["quiet"])),
        " of ",
        verdict.cell(0, "checks", figures.count(told["checks"])),
        " checks are quiet.",
    ]
    pictures = [charts.distribution(row["distribution"]) for row in checks.rows]
    is_drawn = any(pictures)
    lines = [
        _checked(checks, at, [_drawn(picture, checks.rows[at]["feature"])] if is_drawn else [])
        for at, picture in enumerate(pictures)
    ]
    shown = max(SHOWN_CHECKS, sum(row["verdict"] != "quiet" for row in checks.rows))
    columns = [
        Column("Feature"),
        *([Column("Then and now")] if is_drawn else []),
        Column("Difference", is_number=True),
        Column("Missing", is_number=True),
        Column("Weight", is_number=True, is_spare=True),
    ]
    tables = [
        Table("Features compared with training", columns, lines, more=max(0, len(lines) - shown))
    ]

    return Section(
        "drift",
        "Drift",
        explains="Tonight beside the customers the model learned from. What differs comes first, "
        "then what weighs most in the model.",
        says=[said],
        tables=tables if lines else [],
        legend=[("then", "when the model learned"), ("now", "tonight")] if is_drawn else [],
        answers=[*answers.asked("drift_verdict", "drift")],
    )


def _drawn(picture: Chart | None, feature: str) -> Cell:
    """Return how a feature is spread, or that nobody kept it; several together have no spread."""
    if picture is None:
        return Cell(figures.NOTHING if feature in NAMES else "not kept", tone="soft")

    return Cell("", chart=picture)


def _checked(checks: Answer, at: int, drawn: list[Cell]) -> list[Cell]:
    """Return the line of a feature, *drawn* behind its name."""
    row = checks.rows[at]
    feature, verdict = str(row["feature"]), str(row["verdict"])
    on_nights = f", {row['nights']} of 3 nights" if row["nights"] else ""
    then, now = row["missing_then_pct"], row["missing_now_pct"]
    is_same = then is None or figures.percent(then) == figures.percent(now)
    importance = row["importance"]

    return [
        Cell(
            NAMES.get(feature, feature),
            note="" if verdict == "quiet" else f"{verdict}{on_nights}",
            tone=TONES.get(verdict, "warn"),
            is_code=feature not in NAMES,
        ),
        *drawn,
        NONE
        if row["effect"] is None
        else checks.cell(
            at,
            "effect",
            figures.decimal(row["effect"]),
            note=EFFECTS.get(row["effect_name"]) or str(row["effect_name"] or "").replace("_", " "),
        ),
        NONE
        if now is None
        else checks.cell(
            at,
            "missing_now_pct",
            figures.percent(now),
            tone="soft" if verdict == "quiet" else "",
            note="" if is_same else f"then {figures.percent(then)}",
        ),
        NONE
        if importance is None
        else checks.cell(at, "importance", figures.share(importance), tone="soft"),
    ]
