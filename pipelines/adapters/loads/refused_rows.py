"""Rows that imports refused, and how the oldest of them go."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from pipelines.adapters.warehouse import audit_log
from pipelines.adapters.warehouse.connection import Warehouse

FORGET = """
delete from raw.quarantine where loaded_at < cast(:before as timestamp) at time zone 'UTC'
"""


@dataclass(frozen=True)
class WarehouseRefusedRows:
    """
    The quarantine of one warehouse.

    Attributes:
        warehouse: The database, as its owner.
    """

    warehouse: Warehouse

    def forget_refused(self, before: date) -> int:
        """Delete what was refused before a date, and say so in the audit log; return the number."""
        with self.warehouse.begin() as connection:
            removed = connection.execute(sa.text(FORGET), {"before": before}).rowcount
            if removed:
                audit_log.append(
                    connection,
                    command="prune",
                    subject=f"refused rows from before {before}",
                    details={"rows": removed},
                )

        return removed
