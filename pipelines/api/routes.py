"""The routes: each reads its request, asks one part of the service, and writes its answer."""

import asyncio

from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse, Response

from pipelines.api import batches, evidence, openapi
from pipelines.api.bodies import (
    BatchAnswer,
    CustomerAnswer,
    ModelsAnswer,
    Prediction,
    SentBatch,
    SentRow,
    read,
    refused,
)
from pipelines.api.inference import routes as inference
from pipelines.api.now import routes as now
from pipelines.api.now.examples import users
from pipelines.api.parts import Parts
from pipelines.api.problems import Problem
from pipelines.api.scoring.asking import answer, facts_of, model_of, scored


def app(parts: Parts) -> FastAPI:
    """Return the routes of one process; the door is not among them."""
    routes = FastAPI(title="Churn scores", docs_url=None, redoc_url=None, openapi_url=None)

    @routes.get("/health/live", responses=openapi.without_key())
    async def live() -> Response:
        """Tell that the process runs."""
        return answer({"status": "live"})

    @routes.get("/health/ready", responses=openapi.READINESS)
    async def ready() -> Response:
        """Tell whether requests can be answered, and what is not as it should be."""
        return await evidence.readiness(parts)

    @routes.get("/metrics", response_class=PlainTextResponse, responses=openapi.without_key(403))
    async def metrics() -> Response:
        """Return what Prometheus reads."""
        return parts.metrics.response()

    @routes.get("/openapi.json", responses=openapi.without_key(400, 403))
    async def document() -> Response:
        """Return how to ask, with examples for the models in service."""
        return answer(openapi.document(routes, parts, await users(parts)))

    now.register(routes, parts)
    inference.register(routes, parts)

    @routes.get("/v1/models", responses=openapi.answers(ModelsAnswer))
    async def models(request: Request) -> Response:
        """Return the models of the populations a key is for: in service, champion, challenger."""
        return await evidence.models(parts, facts_of(request))

    @routes.get(
        "/v1/{population}/customers/{customer_id:path}",
        responses=openapi.answers(CustomerAnswer, 404),
    )
    async def customer(request: Request, population: str, customer_id: str) -> Response:
        """Return a customer as the latest published list has them, and why the score moved."""
        facts = facts_of(request)
        facts.customer_id, facts.rows = customer_id.replace("\0", "\ufffd"), 1
        found = await parts.published.customer(
            population, customer_id, lists=parts.limits.history_lists
        )
        if found is None:
            raise Problem(404, "no-customer", f"the latest list of {population} has no such one")
        facts.model_version = found.model_version

        return answer(
            {
                "population": population,
                "customer_id": customer_id,
                "as_of": found.as_of.isoformat(),
                "published_at": found.published_at.isoformat(),
                "model": {"name": f"churn-{population}", "version": found.model_version},
                **found.answer.to_dict(),
                "history": [each.to_dict() for each in found.history],
            }
        )

    @routes.post(
        "/v1/{population}/predict",
        responses=openapi.answers(Prediction, 422),
        openapi_extra=openapi.body(SentRow),
    )
    async def predict(request: Request, population: str) -> Response:
        """Return the score of one customer, from their features."""
        facts, model = facts_of(request), model_of(parts, population)
        row = read(SentRow, await request.body())
        facts.model_version, facts.rows, facts.customer_id = (
            model.version.version,
            1,
            row.customer_id,
        )
        if wrong := batches.faults_of(model, [row]):
            raise refused([batches.fault(each) for each in wrong])
        told = await scored(parts, facts, population, model, [row])
        (found,) = told.answers
        facts.model_version = found.model_version

        return answer(
            {
                "population": population,
                "model": {"name": model.version.name, "version": found.model_version},
                "variant": found.variant,
                "customer_id": row.customer_id,
                "tiers_as_of": told.tiers_as_of,
                **found.answer.to_dict(),
            }
        )

    @routes.post(
        "/v1/{population}/predict/batch",
        responses=openapi.answers(BatchAnswer, 422),
        openapi_extra=openapi.body(SentBatch),
    )
    async def predict_batch(request: Request, population: str) -> Response:
        """Return the scores of many customers, and for each that cannot be scored why not."""
        facts, model = facts_of(request), model_of(parts, population)
        facts.model_version = model.version.version
        # Megabytes are read and written beside the others, who go on meanwhile.
        batch = await asyncio.to_thread(
            batches.read_rows, model, await request.body(), parts.limits.batch_rows
        )
        facts.rows = batch.length
        answers = await scored(parts, facts, population, model, [*batch.rows.values()])

        return await asyncio.to_thread(answer, batch.answered(population, model, answers))

    return routes
