"""The table churn.audit_log, to which rows are only ever added, in the transaction they tell of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.privacy.audit_trail import AuditEntry, AuditTrail

INSERT = """
insert into churn.audit_log (command, subject, details)
values (:command, :subject, cast(:details as jsonb))
returning audit_id
"""

ENTRIES = """
select
  audit_id, happened_at, actor, command, subject, details, sha256,
  sha256 = churn.audit_sha256(entry)
  and previous_sha256 = coalesce(lag(sha256) over by_number, repeat('0', 64))
  and audit_id = row_number() over by_number as is_intact
from churn.audit_log as entry
window by_number as (order by audit_id)
order by audit_id
"""


def append(
    connection: sa.Connection, *, command: str, subject: str, details: Mapping[str, Any]
) -> int:
    """
    Add one entry within the transaction of *connection*; other entries wait until it ends.

    Args:
        connection: The transaction of what the entry tells of.
        command: The `churn` command that did it.
        subject: What it was done to; nothing that leads to a customer.
        details: What JSON can hold, dates as text.

    Returns:
        The number of the entry.
    """
    row = {"command": command, "subject": subject, "details": json.dumps(details, default=str)}

    return int(connection.execute(sa.text(INSERT), row).scalar_one())


@dataclass(frozen=True)
class WarehouseAudit:
    """
    The audit trail, read.

    Attributes:
        warehouse: The database.
    """

    warehouse: Warehouse

    def trail(self) -> AuditTrail:
        """Return every entry, each compared with its checksum and with the entry before."""
        rows = self.warehouse.rows(ENTRIES)

        return AuditTrail(tuple(AuditEntry(**row._mapping) for row in rows))
