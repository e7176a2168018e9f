"""The tables of what nights leave besides lists, and how the oldest rows of them go."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from pipelines.adapters.warehouse import audit_log
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.nights.retention import Night

GATE_RESULTS = "results of gates"
DRIFT_CHECKS = "drift checks and verdicts"
ALERTS = "resolved alerts"

# `{table}` is one of ours. What waits to be published needs what its gates found.
REMOVE = """
delete from churn.{table} as trace
where
  as_of < :before
  and not exists (
    select
    from unnest(cast(:populations as text[]), cast(:as_ofs as date[])) as kept (population, as_of)
    where kept.population = trace.population and kept.as_of = trace.as_of
  )
"""
# Their deliveries go with them.
RESOLVED = "and resolved_at < cast(:before as timestamp) at time zone 'UTC'"

STATEMENTS: Mapping[str, tuple[str, ...]] = {
    GATE_RESULTS: (REMOVE.format(table="gate_results"),),
    DRIFT_CHECKS: (REMOVE.format(table="drift_checks"), REMOVE.format(table="drift_verdicts")),
    ALERTS: (REMOVE.format(table="alerts") + RESOLVED,),
}


@dataclass(frozen=True)
class WarehouseTraces:
    """
    Rows about nights.

    Attributes:
        warehouse: The database, as its owner.
        kind: Which rows, as STATEMENTS names them.
    """

    warehouse: Warehouse
    kind: str

    def remove_before(self, before: date, kept: AbstractSet[Night]) -> int:
        """
        Delete the rows of old nights that are not kept, in one transaction; return their number.

        The audit log says so where there were some.
        """
        values = {
            "before": before,
            "populations": [night.population for night in kept],
            "as_ofs": [night.as_of for night in kept],
        }
        with self.warehouse.begin() as connection:
            removed = sum(
                connection.execute(sa.text(statement), values).rowcount
                for statement in STATEMENTS[self.kind]
            )
            if removed:
                audit_log.append(
                    connection,
                    command="prune",
                    subject=f"{self.kind} from before {before}",
                    details={"rows": removed},
                )

        return removed
