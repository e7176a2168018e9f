"""Scores for requests: small ones together, large ones piece by piece, on one thread."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from pipelines.api.together import Together
from pipelines.domain.features.rows import Row
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.serving.answers import Answer
from pipelines.domain.serving.published import Cut
from pipelines.domain.serving.served import ServedModel

# Rows scored before another request has its turn: a tenth of a second with reasons, and below the
# number from which boosted trees are explained another way.
PIECE_ROWS = 1000
MOST_TOGETHER = 256


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """
    Rows that one model is to score.

    Attributes:
        model: The model the request has found.
        rows: Features by name, none at fault for its contract.
        customer_ids: `(n_rows,)` whose they are.
        cut: How the list was cut whose tiers they are put into; None cuts at thresholds.
        tiers_before: Tiers by customer in which it held.
    """

    model: ServedModel
    rows: Sequence[Row]
    customer_ids: Sequence[str]
    cut: Cut | None = None
    tiers_before: Mapping[str, str] = field(default_factory=dict)


class Scorer:
    """
    Scores rows as the night does.

    Args:
        tiers: Thresholds and actions.
        is_for_everyone: Whether the lowest tier has reasons too.
    """

    def __init__(self, tiers: TierPolicy, *, is_for_everyone: bool) -> None:
        self._tiers = tiers
        self._is_for_everyone = is_for_everyone
        self._thread = ThreadPoolExecutor(1, "scorer")
        self._together = Together(self._scored, MOST_TOGETHER)

    async def answers(self, asked: Asked) -> list[Answer]:
        """Return the answer to each row."""
        found: list[Answer] = []
        for begin in range(0, len(asked.rows), PIECE_ROWS):
            piece = slice(begin, begin + PIECE_ROWS)
            found += await self._together(
                replace(asked, rows=asked.rows[piece], customer_ids=asked.customer_ids[piece])
            )

        return found

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False)

    async def _scored(self, asked: Sequence[Asked]) -> list[list[Answer]]:
        """Return the answers to requests, those of one model at once."""
        loop = asyncio.get_running_loop()

        return await loop.run_in_executor(self._thread, self._all, asked)

    def _all(self, asked: Sequence[Asked]) -> list[list[Answer]]:
        """Return the answers to each request; single rows of a model and cut are one batch."""
        found: dict[int, list[Answer]] = {}
        alike: dict[tuple[int, int], list[int]] = {}
        for number, each in enumerate(asked):
            if len(each.rows) == 1:
                alike.setdefault((id(each.model), id(each.cut)), []).append(number)
            else:
                found[number] = self._answers(each)
        for numbers in alike.values():
            singles = [asked[number] for number in numbers]
            answers = self._answers(
                replace(
                    singles[0],
                    rows=[each.rows[0] for each in singles],
                    customer_ids=[each.customer_ids[0] for each in singles],
                    tiers_before={
                        name: tier for each in singles for name, tier in each.tiers_before.items()
                    },
                )
            )
            found |= {number: [answer] for number, answer in zip(numbers, answers, strict=True)}

        return [found[number] for number in range(len(asked))]

    def _answers(self, asked: Asked) -> list[Answer]:
        """Return the answers of one model."""
        return asked.model.answers(
            asked.rows,
            asked.customer_ids,
            self._tiers,
            is_for_everyone=self._is_for_everyone,
            bounds=None if asked.cut is None else asked.cut.bounds,
            tiers_before=None if asked.cut is None else asked.tiers_before,
        )
