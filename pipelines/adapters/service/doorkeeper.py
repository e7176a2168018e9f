"""Who is let in, and what was answered: functions of the database, which see what we may not."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pipelines.adapters.service.pool import Pool
from pipelines.domain.access.keys import Admission, ServedRequest

ADMIT = """
select verdict, api_key_id, populations, requests_left, retry_after_seconds
from churn.admit_request(%(key_sha256)s, %(route)s, %(population)s)
"""
ADMIT_SUBJECT = """
select verdict, token_subject_id, requests_left, retry_after_seconds
from churn.admit_subject(%(subject)s, %(requests_an_hour)s)
"""
RECORD = "select churn.record_requests(%(requests)s::jsonb)"


@dataclass(frozen=True)
class WarehouseDoorkeeper:
    """
    Keys and subjects of tokens, how often each was let in this hour, and churn.served_requests.

    Attributes:
        pool: Connections as churn_service.
    """

    pool: Pool

    async def admit(self, key_sha256: bytes, route: str, population: str | None) -> Admission:
        """Say whether a key may ask, and count it if it may."""
        asked = {"key_sha256": key_sha256, "route": route, "population": population}
        (row,) = await self.pool.rows(ADMIT, asked)

        return Admission(**{**row, "populations": tuple(row["populations"] or ())})

    async def admit_subject(self, subject: str, requests_an_hour: int) -> Admission:
        """Count whoever a token is of, and let them in so often an hour."""
        asked = {"subject": subject, "requests_an_hour": requests_an_hour}
        (row,) = await self.pool.rows(ADMIT_SUBJECT, asked)

        return Admission(**row)

    async def record(self, requests: Sequence[ServedRequest]) -> None:
        """Write requests down, all of them or none."""
        entries = json.dumps([asdict(request) for request in requests])
        await self.pool.rows(RECORD, {"requests": entries})
