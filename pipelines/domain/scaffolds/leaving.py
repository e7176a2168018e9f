"""What counts as leaving, as a person says it: `no plays in 21d`, `page=Cancel in 60d`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.errors import ConfigError

RULE = re.compile(r"(?P<no>no )?(?P<what>.+) in (?P<days>[0-9]{1,4})d", re.IGNORECASE)
EXAMPLES = '"no TABLE in 90d", "COLUMN=VALUE in 60d" or "TABLE in 60d"'


@dataclass(frozen=True, slots=True)
class Leaving:
    """
    When a customer has left.

    Attributes:
        days: Within so many days after the as_of.
        silent: Table without a row of the customer; empty where silence is no leaving.
        column: Column whose value says it; empty where none does.
        value: That value.
        table: Table any row of which says it, or the end of one; empty where none does.
    """

    days: int
    silent: str = ""
    column: str = ""
    value: str = ""
    table: str = ""

    @property
    def is_told(self) -> bool:
        """Whether an event says who left, and not only silence."""
        return bool(self.column or self.table)


def leaving(rules: Sequence[str]) -> Leaving:
    """
    Read what was said, once or twice: silence, an event, or either.

    Raises:
        ConfigError: A rule cannot be read, or two contradict each other.
    """
    found = [_read(rule) for rule in rules]
    silent = [rule for rule in found if rule.silent]
    told = [rule for rule in found if rule.is_told]
    if len(silent) > 1 or len(told) > 1 or len({rule.days for rule in found}) > 1:
        raise ConfigError(
            f"{len(found)} rules say when somebody has left: {'; '.join(rules)}; it takes one of "
            "silence, one of an event, or both within as many days",
            next_step=f"say it as --gone {EXAMPLES}",
        )

    return Leaving(
        days=found[0].days,
        silent=silent[0].silent if silent else "",
        column=told[0].column if told else "",
        value=told[0].value if told else "",
        table=told[0].table if told else "",
    )


def within(text: str) -> tuple[str, int]:
    """
    Read `TABLE in 90d`.

    Raises:
        ConfigError: It is none.
    """
    found = RULE.fullmatch(text.strip())
    if found is None or found["no"] or not 1 <= int(found["days"]) <= 3660:
        raise ConfigError(
            f"{text!r} is not TABLE in so many days", next_step='say it as "TABLE in 90d"'
        )

    return found["what"], int(found["days"])


def _read(rule: str) -> Leaving:
    """Read one rule."""
    found = RULE.fullmatch(rule.strip())
    column, mark, value = found["what"].partition("=") if found else ("", "", "")
    if found is None or not 1 <= int(found["days"]) <= 3660 or (found["no"] and mark):
        raise ConfigError(
            f"{rule!r} does not say when somebody has left",
            next_step=f"say it as --gone {EXAMPLES}",
        )
    days = int(found["days"])
    if mark:
        return Leaving(days, column=column, value=value)

    return Leaving(days, silent=column) if found["no"] else Leaving(days, table=column)
