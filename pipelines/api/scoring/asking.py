"""What every route does: know its request, find its model, score rows, write its answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from pipelines.api.bodies import SentRow
from pipelines.api.door import Facts
from pipelines.api.parts import Parts
from pipelines.api.problems import Problem, come_again
from pipelines.api.trials.answering import Question
from pipelines.domain.serving.served import ServedModel
from pipelines.domain.serving.trials import VariantAnswer

WRITTEN: Final = json.JSONEncoder(allow_nan=False, default=str)


def facts_of(request: Request) -> Facts:
    """Return what is known of a request, to add to it."""
    facts: Facts = request.scope["facts"]

    return facts


def model_of(parts: Parts, population: str) -> ServedModel:
    """Return the model in service, which the request keeps to its end."""
    model = parts.models.served.get(population)
    if model is not None:
        return model
    fault = parts.models.faults.get(population)
    if fault is not None and fault.is_none:
        raise Problem(409, "no-champion", f"no version of churn-{population} is champion")

    raise come_again(
        f"the model of {population} is not in service (yet)",
        slug="no-model",
        seconds=parts.limits.model_poll_seconds,
    )


@dataclass(frozen=True, slots=True)
class Scored:
    """
    The scores of rows.

    Attributes:
        answers: One a row.
        tiers_as_of: Date of the list whose bounds their tiers were cut by; None is by thresholds.
    """

    answers: list[VariantAnswer]
    tiers_as_of: date | None


async def scored(
    parts: Parts, facts: Facts, population: str, model: ServedModel, rows: list[SentRow]
) -> Scored:
    """Return the scores of rows that have no fault, each by the model its customer belongs to."""
    cut = await parts.tiers.of(population)
    before = await parts.tiers.before(cut, [row.customer_id or "" for row in rows])
    answers = await parts.answering.answers(
        Question(
            facts.request_id,
            population,
            model,
            [row.features for row in rows],
            [row.customer_id for row in rows],
            cut,
            before,
        )
    )
    parts.metrics.scored(population, answers)

    return Scored(answers, None if cut is None else cut.as_of)


def answer(data: Mapping[str, Any]) -> Response:
    """Return an answer; numbers are written such that they are read again in every bit."""
    return Response(WRITTEN.encode(data), media_type="application/json")
