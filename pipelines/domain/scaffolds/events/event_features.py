"""Every feature a log gives."""

from collections import Counter

from pipelines.domain.scaffolds.events.activity import activity, lifetime, trends
from pipelines.domain.scaffolds.events.amounts import amounts
from pipelines.domain.scaffolds.events.declaration import Declaration
from pipelines.domain.scaffolds.events.event_log import EventLog
from pipelines.domain.scaffolds.events.kinds import kinds
from pipelines.domain.scaffolds.events.last_values import last_values
from pipelines.domain.scaffolds.events.of_periods import of_periods
from pipelines.domain.scaffolds.events.rhythm import parts_of_day, recency, rhythm
from pipelines.domain.scaffolds.events.sessions import sessions
from pipelines.domain.scaffolds.names import LONGEST_NAME

FAMILIES = (
    *(activity, trends, recency, rhythm, lifetime, parts_of_day),
    *(kinds, amounts, last_values, sessions),
)
OF_PERIODS = (of_periods, last_values)


def event_features(log: EventLog) -> tuple[Declaration, ...]:
    """
    Declare the features of *log*, in the order of their families.

    Raises:
        ValueError: Two of them have one name, or a name is too long.
    """
    families = OF_PERIODS if log.has_periods else FAMILIES
    found = tuple(declaration for family in families for declaration in family(log))
    counts = Counter(declaration.name for declaration in found)
    unfit = [name for name, count in counts.items() if count > 1 or len(name) > LONGEST_NAME]
    if unfit:
        raise ValueError(f"names of features are not unique or too long: {', '.join(unfit)}")

    return found
