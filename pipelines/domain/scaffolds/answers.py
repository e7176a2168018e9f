"""What only a person knows of their customers: who they are, and what counts as leaving."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.domain.imports.declared import BETWEEN
from pipelines.errors import ConfigError

# `replay_fct_NAME_features_20261129_raw` is the longest name made of it, and PostgreSQL keeps 63.
LONGEST_NAME = 30
NAME = re.compile(rf"[a-z][a-z0-9_]{{0,{LONGEST_NAME - 1}}}")


@dataclass(frozen=True, slots=True)
class Answers:
    """
    What was said of a population.

    Attributes:
        name: What it is to be called.
        key: Header of the column that says whose a row is; None takes the one that was found.
        time: Header of the column that says when a row of a log happened; None takes the one that
            was found.
        gone: What counts as leaving in a log, as `leaving` reads it; nothing for a row a customer.
        eligible: Who is a member of a log, as `TABLE in 90d`; None takes those who may still leave.
        is_numbered: Number the rows where no column tells them apart.
        drops: Headers of columns to leave out.
        accepts: Header of each column that may know the answer and is used all the same, with the
            reason.
    """

    name: str
    key: str | None = None
    time: str | None = None
    gone: tuple[str, ...] = ()
    eligible: str | None = None
    is_numbered: bool = False
    drops: tuple[str, ...] = ()
    accepts: Mapping[str, str] = field(default_factory=dict)


def require_name(name: str, house: Mapping[str, object]) -> None:
    """
    Refuse what cannot be the name of a population.

    Args:
        name: What somebody wants.
        house: The populations that are the house's own.

    Raises:
        ConfigError: It is no name, or taken.
    """
    if not NAME.fullmatch(name) or BETWEEN in name or name.endswith("_"):
        raise ConfigError(
            f"{name!r} cannot be the name of a population: it takes 1 to {LONGEST_NAME} lower-case "
            "letters, digits and single _, and begins with a letter",
            next_step="name it like `churn new streaming SOURCE`",
        )
    if name in house:
        raise ConfigError(
            f"{name} is a population of the house's churn.toml",
            next_step="give it another name",
        )
