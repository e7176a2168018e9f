"""Sections about the night itself: its gates, its alerts, and the attempts to make a list."""

from collections.abc import Mapping
from typing import Any

from pipelines.domain.alerts.message import MOST_IN_TITLE
from pipelines.domain.alerts.plain import at_most
from pipelines.domain.nights.page import figures
from pipelines.domain.nights.page.answers import Answers
from pipelines.domain.nights.page.view import Cell, Column, Link, Section, Table

FAULTS_SHOWN = 10
SEVERITIES = {"critical": "bad", "warning": "warn", "fail": "bad", "warn": "warn"}


def gates(answers: Answers, docs: Mapping[str, str]) -> Section:
    """
    Return what each gate found, and which checks did not pass.

    Args:
        answers: Of the page.
        docs: Gate to the address of its pages, for those that have some.
    """
    asked, faults = answers["gates"], answers["gate_faults"]
    if not asked.rows:
        return Section(
            "gates",
            "Gates",
            says=[["No gate has looked at this night."]],
            answers=[*answers.asked("gates")],
        )
    lines = [
        [
            Cell(str(row["gate"])),
            asked.cell(at, "checks", figures.count(row["checks"])),
            asked.cell(
                at,
                "failed",
                figures.count(row["failed"]),
                tone="bad" if row["failed"] else "soft",
            ),
            asked.cell(
                at,
                "warned",
                figures.count(row["warned"]),
                tone="warn" if row["warned"] else "soft",
            ),
        ]
        for at, row in enumerate(asked.rows)
    ]
    tables = [
        Table(
            "Checks by gate",
            [
                Column("Gate"),
                Column("Checks", is_number=True),
                Column("Failed", is_number=True),
                Column("Warned", is_number=True),
            ],
            lines,
        )
    ]
    if faults.rows:
        found = [
            [
                Cell(str(row["subject"]), is_code=True),
                Cell(str(row["expectation"]).removeprefix("expect_").replace("_", " ")),
                Cell(
                    "stops the night" if row["severity"] == "fail" else "is recorded",
                    tone=SEVERITIES.get(str(row["severity"]), ""),
                ),
                Cell(str(row["owner"])),
            ]
            for row in faults.rows
        ]
        columns = [Column("Column"), Column("Expected"), Column("A failure"), Column("Owner")]
        tables.append(
            Table(
                "Checks that did not pass",
                columns,
                found,
                more=max(0, len(found) - FAULTS_SHOWN),
            )
        )
    said = "Every check passed." if not faults.rows else ""

    return Section(
        "gates",
        "Gates",
        explains="Whether sources, features and scores were fit to use.",
        says=[[said]] if said else [],
        tables=tables,
        links=[Link(f"{gate} in Data Docs", address) for gate, address in docs.items() if address],
        answers=[*answers.asked("gates", "gate_faults")],
    )


def alerts(answers: Answers) -> Section:
    """Return what is open, and what people were told in the last seven nights."""
    asked = answers["alerts"]
    lines = [
        [
            Cell(
                str(row["as_of"]),
                note="" if row["began_on"] == row["as_of"] else f"since {row['began_on']}",
            ),
            Cell(str(row["severity"]), tone=SEVERITIES.get(str(row["severity"]), "soft")),
            Cell(at_most(str(row["title"]), MOST_IN_TITLE)),
            _state(row),
            Cell(str(row["owner"])),
        ]
        for row in asked.rows
    ]
    columns = [
        *(Column("Night"), Column("Severity"), Column("What"), Column("State"), Column("Owner")),
    ]

    return Section(
        "alerts",
        "Alerts",
        explains="What is open, and of the last seven nights.",
        says=[] if lines else [["None."]],
        tables=[Table("Alerts, what is open first", columns, lines)] if lines else [],
        answers=[*answers.asked("alerts")],
    )


def _state(row: Mapping[str, Any]) -> Cell:
    """Return whether an alert is over, and whether it went out; news is neither open nor over."""
    sent = "sent" if row["is_sent"] else "not sent"
    if row["severity"] == "info":
        return Cell("news", tone="soft", note=sent)
    if row["is_resolved"]:
        return Cell("resolved", tone="soft", note=sent)

    return Cell("open", note=sent)


def attempts(answers: Answers) -> Section | None:
    """Return the attempts to make tonight's list, where there were several or none won."""
    asked = answers["attempts"]
    if not asked.rows or (len(asked.rows) == 1 and asked.rows[0]["status"] == "published"):
        return None
    lines = [
        [
            asked.cell(at, "run_id", str(row["run_id"])),
            Cell(
                str(row["status"]),
                tone={"published": "good", "rejected": "bad"}.get(str(row["status"]), "soft"),
            ),
            Cell(f"{row['began_at_utc']} UTC"),
            Cell(str(row["reason"] or "")),
        ]
        for at, row in enumerate(asked.rows)
    ]
    columns = [Column("Run"), Column("State"), Column("Began"), Column("Why")]

    return Section(
        "attempts",
        "Attempts",
        explains="Each attempt to make tonight's list.",
        tables=[Table("Attempts to make tonight's list", columns, lines)],
        answers=[*answers.asked("attempts")],
    )
