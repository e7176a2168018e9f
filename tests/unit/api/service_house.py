"""A service on doubles, behind a real server: what programs see of it, in milliseconds."""

import contextlib
import secrets
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import requests
import uvicorn

from pipelines.adapters.service.identity_provider import IdentityProvider
from pipelines.api import parts as service_parts
from pipelines.api.parts import Parts
from pipelines.api.server import Patient, asgi, listening
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.rows import Row
from pipelines.domain.features.splits import Split
from pipelines.domain.ports.service import PublishedLists
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.scoring import score_batch
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.serving.records import Column
from pipelines.domain.serving.served import ServedModel
from pipelines.domain.serving.trials import Trial
from pipelines.domain.training.promotion import Promotion
from pipelines.errors import ChurnError
from pipelines.sections import Service
from pipelines.steps.service.create_key import create_key
from pipelines.steps.service.serve_challenger import serve_challenger
from pipelines.steps.service.serve_champion import serve_champion
from pipelines.testing.models import (
    LinearPredictor,
    MemoryModel,
    MemoryPromotions,
    MemoryRegistry,
)
from pipelines.testing.now import MemoryFeaturesNow
from pipelines.testing.scores import MemoryScores
from pipelines.testing.service import MemoryApiKeys, MemoryDoorkeeper, MemoryPublishedLists
from pipelines.testing.trials import MemoryTrials
from pipelines.wiring.service import Collaborators

POPULATION, OTHER, EMPTY = "players", "members", "nobody_yet"
NIGHT = date(2026, 3, 1)
CONTRACT = FeatureContract(
    "fct",
    (
        Feature("tickets", "numeric", "Tickets", unit="tickets", theme="support"),
        Feature("idle_days", "numeric", "Idle", unit="days", nullable=True),
        Feature("plan", "categorical", "Plan", levels=("basic", "pro"), nullable=True),
        Feature("is_autopay", "boolean", "Autopay"),
    ),
)
TIERS = TierPolicy({"medium": 0.3, "high": 0.6}, {"low": "none", "medium": "mail", "high": "call"})
USUAL = {"tickets": 0.0, "idle_days": 3.0, "plan": "pro", "is_autopay": True}
WEIGHTS = np.array([0.9, 0.04, 0.3, -0.2])
ROW = {"tickets": 2, "idle_days": 12.5, "plan": "basic", "is_autopay": False}


TABLES = {
    "tickets": (
        Column("ticket_id", "text", is_needed=True),
        Column("customer_id", "text", is_needed=True),
        Column("opened_at", "timestamp with time zone", is_needed=True),
        Column("is_urgent", "boolean", is_needed=False),
        Column("loaded_at", "timestamp with time zone", is_needed=True),
    ),
    "plans": (
        Column("customer_id", "text", is_needed=True),
        Column("plan", "text", is_needed=False),
        Column("paid", "numeric(6,2)", is_needed=False),
        Column("loaded_at", "timestamp with time zone", is_needed=True),
    ),
}


def examples(path: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the examples of what is sent to a path of the served document, by name."""
    sent = path.get("post", {}).get("requestBody", {}).get("content", {})
    found: Mapping[str, Any] = sent.get("application/json", {}).get("examples", {})

    return found


def features_now(records: Mapping[str, Sequence[Mapping[str, Any]]], _as_of: date) -> Row | None:
    """Return the features of who has a plan: as many tickets as there are, and the last plan."""
    plans = [each.get("plan") for each in records["plans"]]
    if not plans:
        return None

    return {"tickets": len(records["tickets"]), "plan": plans[-1], "is_autopay": False, "other": 1}


def model(
    population: str = POPULATION, *, size: float = 1.0, is_cross: bool = False
) -> MemoryModel:
    """Return a model whose margins follow *size*."""
    spec = ModelSpec(
        population=population,
        family="sum",
        as_of=NIGHT,
        contract=CONTRACT,
        calibrator=Calibrator.line(1.0, -1.0),
        split=Split((date(2026, 1, 1),), (date(2026, 1, 1),), 1),
        is_cross_fitted=is_cross,
        usual=USUAL,
    )
    folds = tuple(LinearPredictor(WEIGHTS * size * share) for share in (0.5, 0.7, 0.9, 1.1, 1.3))

    return MemoryModel(
        spec,
        LinearPredictor(WEIGHTS * size),
        {},
        pa.Table.from_pylist([ROW, {**ROW, "tickets": 0}]),
        folds if is_cross else (),
    )


def customers(rows: int) -> pa.RecordBatch:
    """Return customers of a night."""
    random = np.random.default_rng(7)

    return pa.RecordBatch.from_pydict(
        {
            "customer_id": [f"c{number}" for number in range(rows)],
            "tickets": random.integers(0, 4, rows),
            "idle_days": pa.array(random.uniform(0, 60, rows), mask=random.random(rows) < 0.2),
            "plan": pa.array(random.choice(["basic", "pro", "gold"], rows)),
            "is_autopay": random.random(rows) < 0.5,
        }
    )


@dataclass
class ServiceHouse:
    """
    What a service on doubles asks, and how it is asked.

    Attributes:
        url: Where it answers.
        parts: What it is made of.
        registry: Its models.
        keys: Who may ask.
        door: Lets them in.
        scores: What nights published.
        promotions: Decisions about champions.
        faults: What looking for the champion of a population raises.
        identity: Whose tokens are believed.
        predictions: What models said while there was a trial.
        trials: By population.
        now: What is said of customers of POPULATION between two nights.
    """

    url: str = ""
    parts: Parts = field(init=False)
    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    keys: MemoryApiKeys = field(default_factory=MemoryApiKeys)
    door: MemoryDoorkeeper = field(init=False)
    scores: MemoryScores = field(default_factory=MemoryScores)
    promotions: MemoryPromotions = field(default_factory=MemoryPromotions)
    faults: dict[str, ChurnError] = field(default_factory=dict)
    identity: IdentityProvider | None = None
    predictions: MemoryTrials = field(default_factory=MemoryTrials)
    trials: dict[str, Trial] = field(default_factory=dict)
    now: MemoryFeaturesNow = field(
        default_factory=lambda: MemoryFeaturesNow(POPULATION, TABLES, features_now)
    )

    def __post_init__(self) -> None:
        """Make the door of the keys."""
        self.door = MemoryDoorkeeper(self.keys)

    def key(
        self,
        *,
        routes: Sequence[str] = ("*",),
        populations: Sequence[str] = ("*",),
        requests_an_hour: int = 100_000,
        expires_at: datetime = datetime(2199, 1, 1, tzinfo=UTC),
    ) -> str:
        """Make a key, and return what its holder shows."""
        return create_key(
            name="test",
            routes=routes,
            populations=populations,
            requests_an_hour=requests_an_hour,
            expires_at=expires_at,
            secret=secrets.token_bytes(32),
            keys=self.keys,
        )[1]

    def crown(self, made: MemoryModel) -> None:
        """Register a model and make it champion."""
        version = self.registry.add(made)
        self.registry.set_alias(version, "champion")
        before = self.promotions.history(made.spec.population)
        self.promotions.record(
            Promotion(
                population=made.spec.population,
                as_of=NIGHT,
                champion_version=before[-1].challenger_version if before else None,
                challenger_version=version.version,
                is_promoted=True,
                reason="it is better",
                evidence={"auc": 0.8},
            )
        )

    def publish(self, rows: int) -> pa.RecordBatch:
        """Publish a night of POPULATION by its champion; return its scores."""
        version = self.registry.champion(POPULATION)
        assert version is not None
        found = self.registry.load(version)
        scored = score_batch(
            customers(rows), spec=found.spec, predictors=found.predictors, tiers=TIERS
        )
        run = self.scores.stage(
            population=POPULATION,
            as_of=NIGHT,
            model_name=version.name,
            model_version=version.version,
            contract_fingerprint=CONTRACT.fingerprint,
            batches=[scored],
        )
        self.scores.publish(run)

        return scored

    def refreshed(self, population: str, current: ServedModel | None) -> ServedModel:
        """Return the champion of now, or raise what the test says."""
        if population in self.faults:
            raise self.faults[population]

        return serve_champion(
            population=population,
            current=current,
            models=self.registry,
            kept=lambda _population: None,
            for_few=lambda predictors: predictors,
            tiers=TIERS,
        )

    def challenger(
        self, population: str, champion: ServedModel, current: ServedModel | None
    ) -> ServedModel | None:
        """Return the challenger of a trial, if there is one."""
        if population not in self.trials:
            return None

        return serve_challenger(
            population=population,
            number=self.trials[population].challenger,
            champion=champion,
            current=current,
            models=self.registry,
            for_few=lambda predictors: predictors,
            tiers=TIERS,
        )

    def get(self, path: str, key: str | None = None, **more: Any) -> requests.Response:
        """Ask by GET."""
        return self.ask("GET", path, key, **more)

    def post(self, path: str, key: str | None = None, **more: Any) -> requests.Response:
        """Ask by POST."""
        return self.ask("POST", path, key, **more)

    def ask(self, method: str, path: str, key: str | None, **more: Any) -> requests.Response:
        """Ask, without any proxy of this machine."""
        headers = {**({"Authorization": f"Bearer {key}"} if key else {}), **more.pop("headers", {})}
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, f"{self.url}{path}", headers=headers, timeout=60, **more)


def parts_of(
    house: ServiceHouse, limits: Service | None = None, lists: PublishedLists | None = None
) -> Parts:
    """
    Return what a service on the doubles of a house is made of.

    Args:
        house: What it asks.
        limits: Its bounds.
        lists: Stands in for the published lists of the house.
    """

    async def nothing() -> None:
        """Nothing has to be opened."""

    return service_parts.made(
        Collaborators(
            doorkeeper=house.door,
            lists=lists or MemoryPublishedLists(house.scores),
            now=house.now,
            refreshed=house.refreshed,
            decisions=house.promotions.history,
            open=nothing,
            close=nothing,
            predictions=house.predictions,
            challenger=house.challenger,
            identity=house.identity,
        ),
        limits or Service(model_poll_seconds=3600, trials=house.trials),
        [POPULATION, OTHER, EMPTY],
        TIERS,
        is_for_everyone=False,
        tonight=lambda: NIGHT,
    )


@contextlib.contextmanager
def serving(
    house: ServiceHouse, limits: Service | None = None, lists: PublishedLists | None = None
) -> Iterator[ServiceHouse]:
    """
    Have a server that answers, its champions in service.

    Args:
        house: What it asks.
        limits: Its bounds.
        lists: Stands in for the published lists of the house.
    """
    house.parts = parts_of(house, limits, lists)
    at = listening("127.0.0.1", 0)
    server = uvicorn.Server(
        uvicorn.Config(
            asgi(house.parts),
            http=Patient,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=5,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [at]})
    thread.start()
    house.url = f"http://127.0.0.1:{at.getsockname()[1]}"
    try:
        until = time.monotonic() + 30
        while not (server.started and house.parts.models.has_looked):
            assert thread.is_alive()
            assert time.monotonic() < until
            time.sleep(0.01)
        yield house
    finally:
        server.should_exit = True
        thread.join(30)
        at.close()
