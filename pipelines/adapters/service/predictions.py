"""What models said while there was a trial: written down by a function of the database."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pipelines.adapters.service.pool import Pool
from pipelines.domain.serving.trials import ServedPrediction

RECORD = "select churn.record_predictions(%(predictions)s::jsonb)"
OF_NOBODY = ((RECORD, {"predictions": "[]"}),)


@dataclass(frozen=True)
class WarehousePredictions:
    """
    The table churn.served_predictions.

    Attributes:
        pool: Connections as churn_service.
    """

    pool: Pool

    async def record_predictions(self, predictions: Sequence[ServedPrediction]) -> None:
        """Write predictions down, all of them or none."""
        entries = json.dumps([asdict(each) for each in predictions])
        await self.pool.rows(RECORD, {"predictions": entries})
