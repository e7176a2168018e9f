"""The table churn.model_promotions: every decision about which version is champion."""

import json
from dataclasses import dataclass

import sqlalchemy as sa

from pipelines.adapters.warehouse import audit_log
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.training.promotion import Promotion

# Where it is told that a champion has moved. Any login of a database may tell it, so whoever hears
# it looks for themselves.
CHANNEL = "churn_champions"


@dataclass(frozen=True)
class WarehousePromotions:
    """
    The decisions, oldest first.

    Attributes:
        warehouse: The database.
    """

    warehouse: Warehouse

    def record(self, promotion: Promotion) -> None:
        """Add one decision, and to the audit trail if it made another version champion."""
        with self.warehouse.begin() as connection:
            connection.execute(
                sa.text(
                    "insert into churn.model_promotions (population, as_of, champion_version, "
                    "challenger_version, is_promoted, is_waiting, reason, manifest_sha256, "
                    "evidence) values (:population, :as_of, :champion, :challenger, :is_promoted, "
                    ":is_waiting, :reason, :sha256, cast(:evidence as jsonb))"
                ),
                {
                    "population": promotion.population,
                    "as_of": promotion.as_of,
                    "champion": promotion.champion_version,
                    "challenger": promotion.challenger_version,
                    "is_promoted": promotion.is_promoted,
                    "is_waiting": promotion.is_waiting,
                    "reason": promotion.reason,
                    "sha256": promotion.manifest_sha256,
                    "evidence": json.dumps(dict(promotion.evidence), default=str),
                },
            )
            if promotion.is_promoted:
                # Heard by services once this is committed, and of no consequence if it is not.
                connection.execute(
                    sa.text("select pg_notify(:channel, :population)"),
                    {"channel": CHANNEL, "population": promotion.population},
                )
                audit_log.append(
                    connection,
                    command="promote",
                    subject=f"{promotion.population} {promotion.as_of}",
                    details={
                        "from_version": promotion.champion_version,
                        "to_version": promotion.challenger_version,
                    },
                )

    def history(self, population: str) -> list[Promotion]:
        """Return the decisions about *population*, oldest first."""
        rows = self.warehouse.rows(
            "select population, as_of, champion_version, challenger_version, is_promoted, "
            "is_waiting, reason, manifest_sha256, evidence, decided_by from churn.model_promotions "
            "where population = :population order by model_promotion_id",
            {"population": population},
        )

        return [Promotion(**row._mapping) for row in rows]
