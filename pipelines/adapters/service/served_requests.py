"""What was asked of the service, and how the oldest of it goes."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import sqlalchemy as sa

from pipelines.adapters.warehouse import audit_log
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.nights.retention import Night

REMOVE = """
delete from churn.served_requests
where asked_at < cast(:before as timestamp) at time zone 'UTC'
"""
# How often keys and subjects were let in, which counts for the hour alone; and the subjects of
# whom nothing is left.
REMOVE_COUNTS = (
    "delete from churn.api_key_hours where hour < cast(:before as timestamp) at time zone 'UTC'",
    "delete from churn.token_subject_hours "
    "where hour < cast(:before as timestamp) at time zone 'UTC'",
    "delete from churn.token_subjects as known "
    "where not exists (select from churn.token_subject_hours as hours "
    "where hours.token_subject_id = known.token_subject_id) "
    "and not exists (select from churn.served_requests as asked "
    "where asked.token_subject_id = known.token_subject_id)",
)


@dataclass(frozen=True)
class ServedRequests:
    """
    The table churn.served_requests, and those of who was let in how often.

    Attributes:
        warehouse: The database, as its owner.
    """

    warehouse: Warehouse
    kind: ClassVar[str] = "requests of the service"

    def remove_before(self, before: date, kept: AbstractSet[Night]) -> int:  # noqa: ARG002
        """
        Delete the requests of before *before*, 00:00 UTC; return their number.

        None is kept, for a request belongs to no night. The audit log says so where there were
        some.
        """
        with self.warehouse.begin() as connection:
            removed = connection.execute(sa.text(REMOVE), {"before": before}).rowcount
            for statement in REMOVE_COUNTS:
                connection.execute(sa.text(statement), {"before": before})
            if removed:
                audit_log.append(
                    connection,
                    command="prune",
                    subject=f"{self.kind} from before {before}",
                    details={"rows": removed},
                )

        return removed
