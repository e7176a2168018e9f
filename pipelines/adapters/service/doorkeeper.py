"""Who is let in, and what was answered: functions of the database, which see what we may not."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from psycopg.rows import DictRow

from pipelines.adapters.service.pool import Pool
from pipelines.domain.access.keys import Admission, KeyShown, ServedRequest

ADMIT = """
select place, admitted, verdict, api_key_id, populations, requests_left, retry_after_seconds
from churn.admit_requests(
  %(key_sha256s)s::bytea[], %(routes)s::text[], %(populations)s::text[], %(counts)s::integer[]
)
"""
ADMIT_SUBJECT = """
select verdict, token_subject_id, requests_left, retry_after_seconds
from churn.admit_subject(%(subject)s, %(requests_an_hour)s)
"""
RECORD = "select churn.record_requests(%(requests)s::jsonb)"
# No key has this SHA-256, and nothing is written down.
OF_NOBODY = (
    (ADMIT, {"key_sha256s": [bytes(32)], "routes": [""], "populations": [None], "counts": [1]}),
    (RECORD, {"requests": "[]"}),
)


@dataclass(frozen=True)
class WarehouseDoorkeeper:
    """
    Keys and subjects of tokens, how often each was let in this hour, and churn.served_requests.

    Attributes:
        pool: Connections as churn_service.
    """

    pool: Pool

    async def admit(self, shown: Sequence[KeyShown]) -> list[Admission]:
        """Say of each request whether its key may ask, and count those that may."""
        alike: dict[KeyShown, list[int]] = {}
        for number, each in enumerate(shown):
            alike.setdefault(each, []).append(number)
        asked = {
            "key_sha256s": [each.key_sha256 for each in alike],
            "routes": [each.route for each in alike],
            "populations": [each.population for each in alike],
            "counts": [len(numbers) for numbers in alike.values()],
        }
        told = {row["place"]: row for row in await self.pool.rows(ADMIT, asked)}
        found: dict[int, Admission] = {}
        for place, numbers in enumerate(alike.values(), 1):
            found |= zip(numbers, _admissions(told[place], len(numbers)), strict=True)

        return [found[number] for number in range(len(shown))]

    async def admit_subject(self, subject: str, requests_an_hour: int) -> Admission:
        """Count whoever a token is of, and let them in so often an hour."""
        asked = {"subject": subject, "requests_an_hour": requests_an_hour}
        (row,) = await self.pool.rows(ADMIT_SUBJECT, asked)

        return Admission(**row)

    async def record(self, requests: Sequence[ServedRequest]) -> None:
        """Write requests down, all of them or none."""
        entries = json.dumps([asdict(request) for request in requests])
        await self.pool.rows(RECORD, {"requests": entries})


def _admissions(told: DictRow, count: int) -> list[Admission]:
    """Return what becomes of so many requests that are alike: the first of them are let in."""
    admitted, key = told["admitted"], told["api_key_id"]
    populations = tuple(told["populations"] or ())
    left: int = told["requests_left"]

    return [
        Admission("admitted", key, populations, left + admitted - number - 1)
        if number < admitted
        else Admission(told["verdict"], key, populations, left, told["retry_after_seconds"])
        for number in range(count)
    ]
