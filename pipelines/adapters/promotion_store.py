"""The table churn.model_promotions: every decision about which version is champion."""

import json
from dataclasses import dataclass

from pipelines.adapters.warehouse import Warehouse
from pipelines.domain.promotion import Promotion


@dataclass(frozen=True)
class WarehousePromotions:
    """
    The decisions, oldest first.

    Attributes:
        warehouse: The database.
    """

    warehouse: Warehouse

    def record(self, promotion: Promotion) -> None:
        """Add one decision."""
        self.warehouse.execute(
            "insert into churn.model_promotions (population, as_of, champion_version, "
            "challenger_version, is_promoted, reason, evidence) values (:population, :as_of, "
            ":champion, :challenger, :is_promoted, :reason, cast(:evidence as jsonb))",
            {
                "population": promotion.population,
                "as_of": promotion.as_of,
                "champion": promotion.champion_version,
                "challenger": promotion.challenger_version,
                "is_promoted": promotion.is_promoted,
                "reason": promotion.reason,
                "evidence": json.dumps(dict(promotion.evidence), default=str),
            },
        )

    def history(self, population: str) -> list[Promotion]:
        """Return the decisions about *population*, oldest first."""
        rows = self.warehouse.rows(
            "select population, as_of, champion_version, challenger_version, is_promoted, reason, "
            "evidence from churn.model_promotions where population = :population "
            "order by model_promotion_id",
            {"population": population},
        )

        return [Promotion(**row._mapping) for row in rows]
