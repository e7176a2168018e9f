"""What is told of the models: whether all is ready, who is champion and challenger, and why."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from pipelines.api.door import Facts
from pipelines.api.parts import Parts
from pipelines.domain.access.keys import EVERY
from pipelines.domain.serving.served import ServedModel
from pipelines.domain.training.promotion import Promotion, last_promoted


async def readiness(parts: Parts) -> Response:
    """
    Return 200 where requests can be answered, else 503, and the state of each population.

    One whose new champion is not right is still answered by the one before, and says so.
    """
    served, faults = parts.models.served, parts.models.faults
    populations = {}
    for name in parts.models.populations:
        model, fault = served.get(name), faults.get(name)
        state = "in service" if model else "no champion" if fault and fault.is_none else "waiting"
        if fault and not fault.is_none:
            state = "champion refused, the one before answers" if model else "champion refused"
        populations[name] = {
            "state": state,
            "version": model and model.version.version,
            "fault": None if fault is None or fault.is_none else fault.kind,
            **({"trial": _trial(parts, name)} if name in parts.limits.trials else {}),
        }
    has_database = await parts.asked.lists.answers()
    ready = has_database and _has_models(parts)
    identity = parts.asked.identity
    body = {
        "status": "ready" if ready else "not ready",
        "warehouse": "answers" if has_database else "does not answer",
        **({} if identity is None else {"identity_provider": _shows(identity.is_usable)}),
        "populations": populations,
    }

    return Response(json.dumps(body), 200 if ready else 503, media_type="application/json")


async def is_ready(parts: Parts) -> bool:
    """Tell whether requests can be answered."""
    return _has_models(parts) and await parts.asked.lists.answers()


def _has_models(parts: Parts) -> bool:
    """Tell whether every population that has a champion has a model in service."""
    served, faults = parts.models.served, parts.models.faults

    return parts.models.has_looked and all(
        name in served or (name in faults and faults[name].is_none)
        for name in parts.models.populations
    )


def _trial(parts: Parts, population: str) -> dict[str, Any]:
    """Return how the trial of a population is."""
    challenger = parts.models.challengers.get(population)
    fault = parts.models.challenger_faults.get(population)
    state = "no challenger" if challenger is None else "in service"
    if fault is not None:
        state = "challenger refused"

    return {
        "state": state,
        "mode": parts.limits.trials[population].mode,
        "version": challenger and challenger.version.version,
        "fault": fault and fault.kind,
    }


def _shows(is_usable: bool) -> str:
    """Return how the identity provider is."""
    return "shows its keys" if is_usable else "does not show its keys; tokens are 503"


async def models(parts: Parts, facts: Facts) -> Response:
    """Return what is known of the models of those populations that a key is for."""
    admitted = facts.admission.populations if facts.admission else ()
    names = [name for name in parts.models.populations if {name, EVERY} & {*admitted}]
    decisions = [
        await asyncio.get_running_loop().run_in_executor(None, parts.asked.decisions, name)
        for name in names
    ]
    told = {
        name: {
            "in_service": _in_service(parts.models.served.get(name)),
            **_decided(of_name),
        }
        for name, of_name in zip(names, decisions, strict=True)
    }

    return Response(json.dumps({"populations": told}, default=str), media_type="application/json")


def _in_service(model: ServedModel | None) -> dict[str, Any] | None:
    """Return what a program has to know to send features to a model."""
    if model is None:
        return None
    contract = model.spec.contract

    return {
        "name": model.version.name,
        "version": model.version.version,
        "family": model.spec.family,
        "trained_as_of": model.spec.as_of,
        "contract": contract.fingerprint,
        "needs_customer_id": model.needs_customer,
        "features": [
            {
                "name": feature.name,
                "kind": feature.kind,
                "title": feature.title,
                "unit": feature.unit,
                "nullable": feature.nullable,
                "levels": [*feature.levels],
            }
            for feature in contract.features
        ],
    }


def _decided(decisions: Sequence[Promotion]) -> dict[str, Any]:
    """Return the champion that is recorded, and the challenger judged after it."""
    champion = last_promoted(decisions)
    after = decisions[decisions.index(champion) + 1 :] if champion else decisions
    challenger = after[-1] if after else None

    return {
        "champion": None if champion is None else _decision(champion),
        "challenger": None if challenger is None else _decision(challenger),
    }


def _decision(decision: Promotion) -> dict[str, Any]:
    """Return one decision with its evidence."""
    return {
        "version": decision.challenger_version,
        "decided_as_of": decision.as_of,
        "verdict": decision.verdict,
        "reason": decision.reason,
        "evidence": dict(decision.evidence),
    }
