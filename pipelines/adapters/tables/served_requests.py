"""What was asked of the service, and how the oldest of it goes."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import sqlalchemy as sa

from pipelines.adapters.tables import audit_log
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.nights.retention import Night

REMOVE = """
delete from churn.served_requests
where asked_at < cast(:before as timestamp) at time zone 'UTC'
"""
# How often keys were let in, which counts for the hour alone.
REMOVE_HOURS = """
delete from churn.api_key_hours
where hour < cast(:before as timestamp) at time zone 'UTC'
"""


@dataclass(frozen=True)
class ServedRequests:
    """
    The tables churn.served_requests and churn.api_key_hours.

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
            connection.execute(sa.text(REMOVE_HOURS), {"before": before})
            if removed:
                audit_log.append(
                    connection,
                    command="prune",
                    subject=f"{self.kind} from before {before}",
                    details={"rows": removed},
                )

        return removed
