"""The routes about customers of now, which come before those that take any customer's id."""

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response

from pipelines.api import openapi
from pipelines.api.batches import Batch
from pipelines.api.bodies import refused
from pipelines.api.door import Facts
from pipelines.api.now import users
from pipelines.api.now.bodies import NowAnswer, SentUser, SentUsers, UserAnswer, UsersAnswer
from pipelines.api.now.users import Users
from pipelines.api.parts import Parts
from pipelines.api.problems import Problem
from pipelines.api.scoring.asking import Scored, answer, facts_of, model_of
from pipelines.domain.serving.now import AskedNow, NotAskedNow
from pipelines.domain.serving.served import ServedModel


def register(routes: FastAPI, parts: Parts) -> None:
    """Add the routes of this module."""

    @routes.get(
        "/v1/{population}/customers/{customer_id:path}/now",
        responses=openapi.answers(NowAnswer, 404, 409),
    )
    async def now(request: Request, population: str, customer_id: str) -> Response:
        """Return the score of a customer from what the warehouse holds now, and the published."""
        facts, model, as_of = facts_of(request), model_of(parts, population), parts.tonight()
        facts.customer_id, facts.rows = customer_id.replace("\0", "\ufffd"), 1
        facts.model_version = model.version.version
        found, published = await asyncio.gather(
            _scored(parts, facts, population, model, AskedNow(customer_id), as_of=as_of),
            parts.published.customer(population, customer_id, lists=1),
        )

        return answer(
            {
                **_told(population, model, customer_id, as_of, found),
                "published": published
                and {
                    "as_of": published.as_of,
                    "model": {"name": f"churn-{population}", "version": published.model_version},
                    **published.answer.to_dict(),
                },
            }
        )

    @routes.post(
        "/v1/{population}/predict/user",
        responses=openapi.answers(UserAnswer, 404, 422),
        openapi_extra=openapi.body(SentUser),
    )
    async def predict_user(request: Request, population: str) -> Response:
        """Return the score of a customer from records of theirs, alone or beside the stored."""
        facts, model, as_of = facts_of(request), model_of(parts, population), parts.tonight()
        facts.model_version, facts.rows = model.version.version, 1
        tables = await users.tables_of(parts, population)
        asked = await asyncio.to_thread(users.read_user, await request.body(), tables, parts)
        facts.customer_id = asked.customer_id
        found = await _scored(parts, facts, population, model, asked, as_of=as_of)

        return answer(_told(population, model, asked.customer_id, as_of, found))

    @routes.post(
        "/v1/{population}/predict/user/batch",
        responses=openapi.answers(UsersAnswer, 422),
        openapi_extra=openapi.body(SentUsers),
    )
    async def predict_user_batch(request: Request, population: str) -> Response:
        """Return the same of many customers, and for each that cannot be scored why not."""
        facts, model, as_of = facts_of(request), model_of(parts, population), parts.tonight()
        facts.model_version = model.version.version
        tables = await users.tables_of(parts, population)
        sent = await asyncio.to_thread(users.read_users, await request.body(), tables, parts)
        facts.rows = sent.length
        numbers, scores = await users.scores_of(parts, facts, population, model, sent, as_of=as_of)
        rows = {number: sent.asked[number] for number in numbers}
        batch = Batch(sent.length, sent.customer_ids, rows, sent.errors)
        told = {
            **batch.answered(population, model, scores),
            "as_of": as_of.isoformat(),
        }

        return await asyncio.to_thread(answer, told)


async def _scored(
    parts: Parts,
    facts: Facts,
    population: str,
    model: ServedModel,
    asked: AskedNow,
    *,
    as_of: date,
) -> Scored:
    """
    Return the score of one customer, and remember what scored it.

    Raises:
        Problem: Nobody knows them (404), or they are not scored (409).
    """
    one = Users(0, {0: asked})
    numbers, scores = await users.scores_of(parts, facts, population, model, one, as_of=as_of)
    if numbers:
        facts.model_version = scores.answers[0].model_version
        return scores
    (fault,) = one.errors[0]
    if fault.pointer == "/records":
        raise refused([fault])
    try:
        is_known = bool(asked.records) or await parts.asked.now.is_known(
            population, asked.customer_id
        )
    except NotAskedNow:
        raise users.not_asked(population) from None
    if not is_known:
        raise Problem(404, "no-customer", f"nothing is known of such a customer of {population}")

    raise Problem(409, "not-scored", f"the customer is known, and {fault.detail}")


def _told(
    population: str, model: ServedModel, customer_id: str, as_of: date, found: Scored
) -> Mapping[str, Any]:
    """Return a score of now as it is answered."""
    (one,) = found.answers

    return {
        "population": population,
        "model": {"name": model.version.name, "version": one.model_version},
        "variant": one.variant,
        "customer_id": customer_id,
        "as_of": as_of.isoformat(),
        "tiers_as_of": found.tiers_as_of,
        **one.answer.to_dict(),
    }
