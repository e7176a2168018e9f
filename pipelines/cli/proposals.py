"""What a population would be made of, asked and said before anything is written."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import typer

from pipelines.cli import output
from pipelines.errors import ChurnError, ConfigError, ImportRefused
from pipelines.wiring import populations
from pipelines.wiring.installation import Installation

if TYPE_CHECKING:
    from pipelines.domain.inspection.report import Inspection
    from pipelines.domain.scaffolds.answers import Answers
    from pipelines.wiring.populations import Proposal

# What is asked of any one table, then of one with a row a customer or of a log, and what of
# several tables, in this order: a field of the answers, and the question with its option.
OF_ONE = {"key": "Whose is a row? --key COLUMN"}
OF_CUSTOMERS = {
    "label": "Who has left? --label COLUMN=VALUE",
}
OF_A_LOG = {
    "times": "When did it happen? --time COLUMN",
    "knowns": "When was it known, if later? --known COLUMN",
    "gone": "What counts as leaving? --gone RULE, or two with a comma",
    "eligible": "Who is scored? --eligible 'TABLE in 90d'; without, who has not left",
}
OF_TABLES = {
    "gone": "What counts as leaving? --gone RULE; without one, a column says who has left",
    "label": "Who has left? --label COLUMN=VALUE",
    "key": "Whose is a row? --key COLUMN, where it is not found",
    "times": "When did a row happen? --time TABLE.COLUMN, with commas, where it is not found",
    "knowns": "When was it known, if later? --known TABLE.COLUMN, with commas",
    "eligible": "Who is scored? --eligible 'TABLE in 90d'; without, who has not left",
}
OF_ALL = {
    "drops": "What is left out besides? --drop COLUMN, with commas",
    "accepts": "What is taken though it may know who left? --accept COLUMN=reason, with semicolons",
}

NOTHING = "-"

EFFECTS = {
    "new": "new",
    "same": "as it is",
    "renewed": "renewed",
    "extended": "added to",
    "kept": "kept, for you have changed it; below is what would be written",
}


def show(proposal: "Proposal", found: Installation) -> None:
    """Say what a population is made of, and what becomes of each file."""
    from pipelines.domain.scaffolds.summary import summary  # noqa: PLC0415  pandas, for this alone

    for section in summary(proposal.population):
        output.title(section.title)
        for item in section.items:
            output.item(item)
    output.title(f"in {found.settings.project}")
    output.table(
        ["file", ""], [(change.path, EFFECTS[change.effect]) for change in proposal.changes]
    )
    for change in proposal.changes:
        if change.difference and change.effect != "new":
            output.stdout.print(change.difference, markup=False)


def ask(
    found: Installation,
    inspection: "Inspection",
    answers: "Answers",
    look: "Callable[[str | None], Inspection]",
) -> "tuple[Inspection, Answers, Proposal]":
    """
    Ask what no option has said, until a population can be made of it.

    An answer that cannot be is told with the reason, and everything is asked again, with what was
    said as what holds without another answer.

    Args:
        found: The installation.
        inspection: The tables, looked at.
        answers: What options have said.
        look: Looks at them again, with another label.
    """
    said, looked_for = answers, answers.label
    while True:
        said = _asked(inspection, said, keeps=answers if said is answers else None)
        try:
            if said.label != looked_for:
                inspection, looked_for = look(said.label), said.label
            return inspection, said, populations.propose(found, said, inspection, is_written=False)
        except (ConfigError, ImportRefused) as error:
            _refuse(error)
            output.stdout.print(f"Enter keeps what stands in brackets, {NOTHING} takes it away.")


def _refuse(error: ChurnError) -> None:
    """Say why an answer cannot be."""
    output.stdout.print(f"not so: {error.message}", markup=False)
    output.stdout.print(f"        {error.next_step}", markup=False)


def _asked(inspection: "Inspection", said: "Answers", keeps: "Answers | None") -> "Answers":
    """
    Return the answers to every question of such tables.

    Args:
        inspection: The tables, looked at.
        said: What was answered before.
        keeps: Answers that are not asked for where they are given; None asks for all.
    """
    asked = said
    if len(inspection.tables) > 1:
        questions = OF_TABLES
    else:
        asked = _each(OF_ONE, inspection, asked, keeps)
        questions = OF_A_LOG if _is_log(inspection, asked) else OF_CUSTOMERS

    return _each({**questions, **OF_ALL}, inspection, asked, keeps)


def _each(
    questions: "Mapping[str, str]",
    inspection: "Inspection",
    said: "Answers",
    keeps: "Answers | None",
) -> "Answers":
    """Return the answers with those to some questions."""
    guesses: dict[str, str] = {}
    if len(inspection.tables) == 1:
        table = inspection.tables[0]
        guesses["key"] = table.key or table.customer or ""
        if table.label is not None:
            guesses["label"] = f"{table.label.column}={table.label.value}"
    for name, question in questions.items():
        if (keeps is not None and getattr(keeps, name)) or (name == "label" and said.gone):
            continue
        given = _as_text(getattr(said, name)) or guesses.get(name, "")
        said = replace(said, **{name: _answer(name, question, given)})

    return said


def _is_log(inspection: "Inspection", said: "Answers") -> bool:
    """Tell whether many rows of the only table are one customer's, whoever that is."""
    (table,) = inspection.tables
    if said.gone or said.label:
        return bool(said.gone)
    whose = next((column for column in table.columns if column.name == said.key), None)

    return table.is_log if whose is None else whose.distinct < whose.known


def _answer(name: str, question: str, given: str) -> Any:  # noqa: ANN401  of whichever field
    """Ask one question until its answer can be read; *given* holds without another."""
    while True:
        told = typer.prompt(question, default=given, show_default=bool(given)).strip()
        try:
            return _as_field(name, "" if told == NOTHING else told)
        except ConfigError as error:
            _refuse(error)


def _as_text(value: object) -> str:
    """Return an answer as it is typed."""
    if isinstance(value, dict):
        return "; ".join(f"{column}={reason}" for column, reason in value.items())

    return ", ".join(value) if isinstance(value, tuple) else str(value or "")


def _as_field(name: str, text: str) -> Any:  # noqa: ANN401  of whichever field
    """
    Return what was typed as a field of the answers holds it.

    Raises:
        ConfigError: Of what is accepted, one has no reason.
    """
    if name in {"key", "label", "eligible"}:
        return text or None
    parts = [part.strip() for part in text.split(";" if name == "accepts" else ",")]
    if name != "accepts":
        return tuple(filter(None, parts))

    return dict(map(reasoned, filter(None, parts)))


def reasoned(text: str) -> tuple[str, str]:
    """
    Return a column and the reason why it is accepted.

    Raises:
        ConfigError: There is no reason.
    """
    column, mark, reason = text.partition("=")
    if not mark or not reason.strip():
        raise ConfigError(
            f"{text!r} is accepted, and nothing says why",
            next_step="say it as COLUMN=reason",
        )

    return column.strip(), reason.strip()
