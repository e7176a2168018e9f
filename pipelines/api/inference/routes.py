"""The routes of the Open Inference Protocol, version 2 (REST)."""

import asyncio
import json
from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI, Request
from starlette.responses import Response

from pipelines.api import batches, openapi
from pipelines.api.bodies import read, refused
from pipelines.api.evidence import is_ready
from pipelines.api.inference import tensors
from pipelines.api.inference.tensors import (
    CUSTOMER,
    DATATYPES,
    OUTPUTS,
    InferenceAnswer,
    InferenceRequest,
    ModelMetadata,
    ModelReady,
)
from pipelines.api.parts import Parts
from pipelines.api.problems import Fault, Problem, pointer
from pipelines.api.scoring.asking import answer, facts_of, model_of, scored
from pipelines.domain.features.rows import RowFault
from pipelines.domain.serving.served import ServedModel

BASE: Final = "/v2/models/churn-{population}"


def register(routes: FastAPI, parts: Parts) -> None:
    """Add the routes of this module."""

    @routes.get("/v2", responses=openapi.without_key(400, 403))
    async def server() -> Response:
        """Tell which server this is."""
        return answer({"name": "churn", "version": version("churn-nightly"), "extensions": []})

    @routes.get("/v2/health/live", responses=openapi.without_key())
    async def live() -> Response:
        """Tell that the process runs."""
        return answer({"live": True})

    @routes.get("/v2/health/ready", responses=openapi.READINESS)
    async def ready() -> Response:
        """Tell whether every model can be asked."""
        found = await is_ready(parts)

        return Response(
            json.dumps({"ready": found}), 200 if found else 503, media_type="application/json"
        )

    @routes.get(BASE, responses=openapi.answers(ModelMetadata, 409))
    @routes.get(f"{BASE}/versions/{{number}}", include_in_schema=False)
    async def model(request: Request, population: str) -> Response:
        """Tell what a model reads and answers."""
        found = _model(parts, population, request)

        return answer(
            {
                "name": found.version.name,
                "versions": [str(found.version.version)],
                "platform": found.spec.family,
                "inputs": [
                    {"name": CUSTOMER, "datatype": "BYTES", "shape": [-1]},
                    *(
                        {
                            "name": feature.name,
                            "datatype": DATATYPES[feature.kind],
                            "shape": [-1],
                        }
                        for feature in found.spec.contract.features
                    ),
                ],
                "outputs": [
                    {"name": name, "datatype": datatype, "shape": [-1]}
                    for name, (datatype, _) in OUTPUTS.items()
                ],
            }
        )

    @routes.get(f"{BASE}/ready", responses=openapi.answers(ModelReady, 409))
    @routes.get(f"{BASE}/versions/{{number}}/ready", include_in_schema=False)
    async def model_ready(request: Request, population: str) -> Response:
        """Tell whether a model can be asked."""
        model = _model(parts, population, request)

        return answer({"name": model.version.name, "ready": True})

    @routes.post(
        f"{BASE}/infer",
        responses=openapi.answers(InferenceAnswer, 422),
        openapi_extra=openapi.body(InferenceRequest),
    )
    @routes.post(f"{BASE}/versions/{{number}}/infer", include_in_schema=False)
    async def infer(request: Request, population: str) -> Response:
        """Return the scores of many customers, all or none, a tensor an answer."""
        facts, model = facts_of(request), _model(parts, population, request)
        facts.model_version = model.version.version
        sent = await asyncio.to_thread(read, InferenceRequest, await request.body())
        names = tensors.wanted(sent)
        rows = await asyncio.to_thread(
            tensors.read_rows, sent, model.spec.contract, parts.limits.batch_rows
        )
        facts.rows = len(rows)
        if len(rows) == 1:
            facts.customer_id = rows[0].customer_id
        if faults := await asyncio.to_thread(batches.faults_of, model, rows):
            raise refused([_fault(sent, each) for each in faults])
        found = await scored(parts, facts, population, model, rows)
        told: dict[str, Any] = {
            "model_name": model.version.name,
            "model_version": str(model.version.version),
            **({} if sent.id is None else {"id": sent.id}),
            "outputs": tensors.written(names, found.answers),
        }

        return await asyncio.to_thread(answer, told)


def _model(parts: Parts, population: str, request: Request) -> ServedModel:
    """Return the model in service, if it is the version that is asked for."""
    model, number = model_of(parts, population), request.path_params.get("number")
    if number is not None and number != str(model.version.version):
        raise Problem(
            404, "no-version", f"version {model.version.version} is in service, and no other"
        )

    return model


def _fault(sent: InferenceRequest, found: RowFault) -> Fault:
    """Return a fault of a row at the value it is about."""
    name = found.feature or CUSTOMER
    number = next((i for i, tensor in enumerate(sent.inputs) if tensor.name == name), None)
    if number is None:
        return Fault(pointer("inputs"), f"of {name} {found.fault}")

    return Fault(pointer("inputs", number, "data", found.row), found.fault)
