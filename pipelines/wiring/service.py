"""The service, and the keys of those who ask it."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pipelines.domain.access.keys import SECRET_BYTES
from pipelines.wiring.installation import Installation

if TYPE_CHECKING:
    from pipelines.adapters.service.hints import Hints
    from pipelines.adapters.service.identity_provider import IdentityProvider
    from pipelines.domain.access.keys import ApiKey
    from pipelines.domain.nights.figures import Sample
    from pipelines.domain.ports.service import (
        Doorkeeper,
        FeaturesNow,
        Predictions,
        PublishedLists,
    )
    from pipelines.domain.serving.served import ServedModel
    from pipelines.domain.training.promotion import Promotion


@dataclass(frozen=True)
class Collaborators:
    """
    What the service asks, of whatever kind it is.

    Attributes:
        doorkeeper: Who is let in.
        lists: What nights published.
        now: Features between two nights.
        refreshed: Returns the champion of a population, given what is in service.
        decisions: Returns the decisions about champions of a population, oldest first.
        open: Called once as the service starts.
        close: Called once as it ends.
        predictions: Where what models say is written down while there is a trial.
        challenger: Returns the challenger of a population's trial, given the champion and what is
            in service as one; None where there is no trial at all.
        identity: Whose tokens are believed; None where churn.toml names no provider.
        hints: Where it is heard that what is served has changed; None hears nothing.
        wake: Called, from any thread, where that is heard.
    """

    doorkeeper: "Doorkeeper"
    lists: "PublishedLists"
    now: "FeaturesNow"
    refreshed: "Callable[[str, ServedModel | None], ServedModel]"
    decisions: "Callable[[str], Sequence[Promotion]]"
    open: Callable[[], Awaitable[None]]
    close: Callable[[], Awaitable[None]]
    predictions: "Predictions"
    challenger: "Callable[[str, ServedModel, ServedModel | None], ServedModel | None] | None" = None
    identity: "IdentityProvider | None" = None
    hints: "Hints | None" = None
    wake: Callable[[], None] = lambda: None


def collaborators(installation: Installation) -> Collaborators:
    """Return what a service of this installation asks; nothing of it is open yet."""
    from pipelines.adapters.models.few_rows import for_few
    from pipelines.adapters.service.doorkeeper import WarehouseDoorkeeper
    from pipelines.adapters.service.hints import Hints
    from pipelines.adapters.service.identity_provider import IdentityProvider
    from pipelines.adapters.service.now import WarehouseFeaturesNow
    from pipelines.adapters.service.pool import Pool
    from pipelines.adapters.service.predictions import WarehousePredictions
    from pipelines.adapters.service.published import WarehousePublishedLists
    from pipelines.adapters.service.warmth import Warmth
    from pipelines.adapters.tables.promotions import WarehousePromotions
    from pipelines.steps.service.serve_challenger import serve_challenger
    from pipelines.steps.service.serve_champion import serve_champion

    settings = installation.settings
    trials = settings.service.trials
    for name in trials:
        settings.population(name)
    pool = Pool(
        installation.warehouse.url,
        settings.service.connections,
        Warmth([*settings.populations]),
        settings.service.model_poll_seconds,
    )

    def refreshed(population: str, current: "ServedModel | None") -> "ServedModel":
        """Return the champion of now."""
        return serve_champion(
            population=population,
            current=current,
            models=installation.registry,
            kept=installation.registry.kept_champion,
            for_few=for_few,
            tiers=settings.tiers,
        )

    def challenger(
        population: str, champion: "ServedModel", current: "ServedModel | None"
    ) -> "ServedModel | None":
        """Return the challenger of a trial; None where there is none."""
        if population not in trials:
            return None

        return serve_challenger(
            population=population,
            number=trials[population].challenger,
            champion=champion,
            current=current,
            models=installation.registry,
            for_few=for_few,
            tiers=settings.tiers,
        )

    return Collaborators(
        doorkeeper=WarehouseDoorkeeper(pool),
        lists=WarehousePublishedLists(pool),
        now=WarehouseFeaturesNow(pool),
        refreshed=refreshed,
        decisions=WarehousePromotions(installation.warehouse).history,
        open=pool.open,
        close=pool.close,
        predictions=WarehousePredictions(pool),
        challenger=challenger if trials else None,
        identity=IdentityProvider(tokens) if (tokens := settings.service.tokens).is_used else None,
        hints=Hints(installation.warehouse.url),
        wake=pool.wake,
    )


def night_figures(installation: Installation) -> "Callable[[], Sequence[Sample]]":
    """Return what tells the figures of the nights, of now."""
    from pipelines.adapters.service.night_figures import NightFigures

    return NightFigures(installation.warehouse).samples


def create_key(
    installation: Installation,
    *,
    name: str,
    routes: Sequence[str],
    populations: Sequence[str],
    requests_an_hour: int,
    expires_at: datetime,
) -> "tuple[ApiKey, str]":
    """Make a key; return it and what its holder has to show."""
    from pipelines.adapters.service.api_keys import WarehouseApiKeys
    from pipelines.steps.service.create_key import create_key

    return create_key(
        name=name,
        routes=routes,
        populations=populations,
        requests_an_hour=requests_an_hour,
        expires_at=expires_at,
        secret=secrets.token_bytes(SECRET_BYTES),
        keys=WarehouseApiKeys(installation.warehouse),
    )


def keys(installation: Installation) -> "list[ApiKey]":
    """Return all keys there ever were, oldest first."""
    from pipelines.adapters.service.api_keys import WarehouseApiKeys

    return WarehouseApiKeys(installation.warehouse).every()


def revoke_key(installation: Installation, api_key_id: int) -> "ApiKey | None":
    """Refuse a key from now on; None where there is none of that number."""
    from pipelines.adapters.service.api_keys import WarehouseApiKeys

    return WarehouseApiKeys(installation.warehouse).revoke(api_key_id)
