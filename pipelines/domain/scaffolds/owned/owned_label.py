"""Who has left, of a feature table with a row a customer and date."""

from dataclasses import dataclass

from pipelines.domain.scaffolds import leaving
from pipelines.domain.scaffolds.answers import Answers
from pipelines.errors import ConfigError

EXAMPLES = "--label 'left=1 in 30d', --gone 'no TABLE in 30d' or --gone 'status=closed in 30d'"


@dataclass(frozen=True, slots=True)
class OwnedLabel:
    """
    When a customer has left.

    Attributes:
        days: Within so many days after the as_of.
        column: Header of the column whose value says it; empty where only absence does.
        value: That value, in lower case.
        is_of_row: Whether the row of the as_of says it itself, once the days are over; else a row
            of a later date does.
        is_absence: Whether who is not in the table any more has left.
    """

    days: int
    column: str = ""
    value: str = ""
    is_of_row: bool = False
    is_absence: bool = False


def owned_label(answers: Answers, table: str) -> OwnedLabel:
    """
    Read what a person said of leaving.

    Args:
        answers: What was said.
        table: What the feature table is called.

    Raises:
        ConfigError: Nothing was said, or it cannot be read.
    """
    if answers.label and answers.gone:
        raise ConfigError(
            "--label says who left by the row itself, and --gone by later rows: it takes one",
            next_step=f"say {EXAMPLES}",
        )
    if answers.label:
        rule = leaving.leaving([answers.label])
        if not rule.column:
            raise ConfigError(
                f"{answers.label!r} does not say who has left within how many days",
                next_step=f"say {EXAMPLES}",
            )
        return OwnedLabel(rule.days, rule.column, rule.value.strip().lower(), is_of_row=True)
    if not answers.gone:
        raise ConfigError(
            f"nothing says who leaves of {table}, and within how many days of a date",
            next_step=f"say {EXAMPLES}",
        )
    rule = leaving.leaving(answers.gone)
    if rule.table or (rule.silent and rule.silent.casefold() != table.casefold()):
        raise ConfigError(
            f"{rule.table or rule.silent!r} says nothing of leaving; the table is called {table!r}",
            next_step=f"say it as --gone 'no {table} in {rule.days}d'",
        )

    return OwnedLabel(
        rule.days, rule.column, rule.value.strip().lower(), is_absence=bool(rule.silent)
    )
