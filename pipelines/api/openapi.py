"""The OpenAPI document: written from what is read and answered, with examples that run."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from pydantic import BaseModel

from pipelines.api.inference.tensors import DATATYPES
from pipelines.api.parts import Parts
from pipelines.domain.features.contract import Feature
from pipelines.domain.features.usual import Value
from pipelines.domain.serving.served import ServedModel

PROBLEM: Final = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "urn:churn:… names the kind of problem."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "Names the request, as its log does."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
        "errors_in_all": {"type": "integer"},
    },
}
WORDS: Final = {
    400: "The body is not JSON, or the service is asked by a name that is not its own.",
    401: "No key, or one that is unknown, revoked or expired.",
    403: "The key is not for this kind of route, or not for this population.",
    404: "There is no such population, customer or route.",
    408: "The body was not here in time.",
    409: "The population has no champion, or cannot be asked now; or the customer is not scored.",
    413: "The body is too large.",
    415: "The body is not sent as JSON.",
    422: "The body is not valid; `errors` names each field and what is wrong with it.",
    500: "A fault of the service, which its log has under `instance`.",
    429: "The key has no requests left this hour; Retry-After says when it has.",
    503: "Too much to do, or the warehouse or model is not there; come again after Retry-After.",
}
EVERYWHERE: Final = (400, 401, 403, 404, 429, 500, 503)
SENT: Final = (408, 409, 413, 415, 422)


def answers(kind: type[BaseModel], *also: int) -> dict[int | str, dict[str, Any]]:
    """Return what a route answers: *kind*, or a problem of those of every route and *also*."""
    statuses = sorted({*EVERYWHERE, *(SENT if 422 in also else also)})

    return {200: {"model": kind}, **{status: _problem(status) for status in statuses}}


def body(kind: type[BaseModel]) -> dict[str, Any]:
    """Return that a route reads *kind*, which it does by itself and strictly."""
    schema = kind.model_json_schema(ref_template="#/components/schemas/{model}")

    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _problem(status: int) -> dict[str, Any]:
    """Return how a problem is answered."""
    return {
        "description": WORDS[status],
        "content": {"application/problem+json": {"schema": PROBLEM}},
    }


def without_key(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what a route answers that asks for no key, beside what it says."""
    return {status: _problem(status) for status in (*statuses, 500)}


# What tells how the service is says so too where it is not ready; no network is refused there.
READINESS: Final[dict[int | str, dict[str, Any]]] = {
    503: {
        "description": "Not ready; what is told is the same.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    },
    **without_key(),
}


def document(
    routes: FastAPI, parts: Parts, users: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """
    Return the document, with an example of each body for each model in service.

    Args:
        routes: What is documented.
        parts: The models in service.
        users: By population a body with records, of those that can be asked now.
    """
    written = {**routes.openapi()}
    written["components"] = {
        **written.get("components", {}),
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
    }
    written["paths"] = {
        path.replace(":path}", "}"): {
            method: _with_examples(path, operation, parts, users)
            for method, operation in item.items()
        }
        for path, item in written["paths"].items()
    }

    return written


def example(model: ServedModel) -> dict[str, Any]:
    """Return a body that a model answers: a customer who has what is usual."""
    usual = model.spec.usual
    features = {
        feature.name: usual[feature.name] if feature.name in usual else _legal(feature)
        for feature in model.spec.contract.features
    }

    return {"customer_id": "C00000001", "features": features}


def example_tensors(model: ServedModel) -> dict[str, Any]:
    """Return the same as tensors of one row."""
    sent = example(model)
    kinds = {feature.name: feature.kind for feature in model.spec.contract.features}
    columns = {"customer_id": sent["customer_id"], **sent["features"]}

    return {
        "inputs": [
            {
                "name": name,
                "shape": [1],
                "datatype": DATATYPES[kinds.get(name, "categorical")],
                "data": [value],
            }
            for name, value in columns.items()
        ]
    }


def _with_examples(
    path: str,
    operation: dict[str, Any],
    parts: Parts,
    users: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Return an operation with a key, and with bodies to send."""
    if not path.startswith(("/v1/", "/v2/models/")):
        return operation
    changed = {**operation, "security": [{"key": []}]}
    # What FastAPI adds for what it reads itself; these routes read strictly, and answer problems.
    changed["responses"] = {
        status: answer
        for status, answer in operation["responses"].items()
        if "HTTPValidationError" not in str(answer)
    }
    if "requestBody" in operation:
        ((kind, content),) = operation["requestBody"]["content"].items()
        bodies = {name: example(model) for name, model in parts.models.served.items()}
        examples = {
            name: {"value": {"rows": [sent]} if path.endswith("/batch") else sent}
            for name, sent in (users if "/predict/user" in path else bodies).items()
        }
        if path.endswith("/infer"):
            examples = {
                name: {"value": example_tensors(model)}
                for name, model in parts.models.served.items()
            }
        changed["requestBody"] = {
            "required": True,
            "content": {kind: {**content, "examples": examples}},
        }

    return changed


def _legal(feature: Feature) -> Value:
    """Return a value that a feature may have."""
    if feature.kind == "numeric":
        return 0.0 if feature.minimum is None else feature.minimum

    return False if feature.kind == "boolean" else feature.levels[0]
