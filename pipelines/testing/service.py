"""What the service asks, in memory: keys, the door, and published lists."""

import itertools
import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from pipelines.domain.access.keys import EVERY, Admission, ApiKey, KeyShown, ServedRequest, Verdict
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.serving.answers import answers
from pipelines.domain.serving.published import Cut, Move, PastScore, PublishedCustomer
from pipelines.errors import DatabaseUnavailable
from pipelines.testing.scores import MemoryScores


def now() -> datetime:
    """Return what time it is."""
    return datetime.now(UTC)


@dataclass
class MemoryApiKeys:
    """
    Keys.

    Attributes:
        known: By the SHA-256 of the key.
        clock: Tells the time.
    """

    known: dict[bytes, ApiKey] = field(default_factory=dict)
    clock: Callable[[], datetime] = now

    def create(
        self,
        *,
        name: str,
        key_sha256: bytes,
        routes: Sequence[str],
        populations: Sequence[str],
        requests_an_hour: int,
        expires_at: datetime,
    ) -> ApiKey:
        """Record a key, of which nothing but the SHA-256 is known."""
        key = ApiKey(
            api_key_id=len(self.known) + 1,
            name=name,
            routes=tuple(routes),
            populations=tuple(populations),
            requests_an_hour=requests_an_hour,
            created_at=self.clock(),
            created_by="memory",
            expires_at=expires_at,
            revoked_at=None,
        )
        self.known[key_sha256] = key

        return key

    def every(self) -> list[ApiKey]:
        """Return all keys there ever were, oldest first."""
        return [*self.known.values()]

    def revoke(self, api_key_id: int) -> ApiKey | None:
        """Refuse a key from now on, and return it; None where there is none of that number."""
        for key_sha256, key in self.known.items():
            if key.api_key_id == api_key_id:
                revoked = replace(key, revoked_at=key.revoked_at or self.clock())
                self.known[key_sha256] = revoked
                return revoked

        return None


@dataclass
class MemoryDoorkeeper:
    """
    Lets in by keys in memory.

    Attributes:
        keys: The keys.
        recorded: What was written down.
        is_down: Whether nothing can be asked.
        subjects: Whose tokens were shown, with the number of each.
    """

    keys: MemoryApiKeys
    recorded: list[ServedRequest] = field(default_factory=list)
    is_down: bool = False
    subjects: dict[str, int] = field(default_factory=dict)
    _counted: Counter[tuple[int | str, datetime]] = field(default_factory=Counter)

    async def admit(self, shown: Sequence[KeyShown]) -> list[Admission]:
        """Say of each request whether its key may ask, and count those that may."""
        self._require_up()

        return [self._admitted(each) for each in shown]

    def _admitted(self, shown: KeyShown) -> Admission:
        """Say whether a key may ask, and count it if it may."""
        key, route, population = (
            self.keys.known.get(shown.key_sha256),
            shown.route,
            shown.population,
        )
        if key is None:
            return Admission("unknown")
        refused: Verdict | None = None
        if (state := key.state(self.keys.clock())) in {"revoked", "expired"}:
            refused = "revoked" if state == "revoked" else "expired"
        elif not {route, EVERY} & {*key.routes} or (
            population is not None and not {population, EVERY} & {*key.populations}
        ):
            refused = "out of scope"
        if refused:
            return Admission(refused, key.api_key_id, key.populations)

        verdict, left, wait = self._count(key.api_key_id, key.requests_an_hour)

        return Admission(verdict, key.api_key_id, key.populations, left, wait)

    async def admit_subject(self, subject: str, requests_an_hour: int) -> Admission:
        """Count whoever a token is of, and let them in so often an hour."""
        self._require_up()
        number = self.subjects.setdefault(subject, len(self.subjects) + 1)
        verdict, left, wait = self._count(subject, requests_an_hour)

        return Admission(verdict, None, (), left, wait, number)

    async def record(self, requests: Sequence[ServedRequest]) -> None:
        """Keep what was asked."""
        self._require_up()
        self.recorded += requests

    def _count(self, name: int | str, most: int) -> tuple[Verdict, int, int]:
        """Return whether a key or subject is let in, how often still, and until when it is not."""
        moment = self.keys.clock()
        hour = moment.replace(minute=0, second=0, microsecond=0)
        if self._counted[name, hour] >= most:
            return "over its limit", 0, 3600 - int((moment - hour).total_seconds())
        self._counted[name, hour] += 1

        return "admitted", most - self._counted[name, hour], 0

    def _require_up(self) -> None:
        """Refuse while the test says so."""
        if self.is_down:
            raise DatabaseUnavailable("it is down", next_step="churn status")


@dataclass
class MemoryPublishedLists:
    """
    Lists in memory, customer by customer.

    Attributes:
        scores: The runs.
    """

    scores: MemoryScores

    async def customers(
        self, population: str, customer_ids: Sequence[str], *, lists: int
    ) -> list[PublishedCustomer | None]:
        """Return each customer with their history; None who is not in the latest list."""
        return [self._customer(population, each, lists) for each in customer_ids]

    def _customer(self, population: str, customer_id: str, lists: int) -> PublishedCustomer | None:
        """Return one customer."""
        runs = sorted(
            (run for run in self.scores.runs(population) if run.status == "published"),
            key=lambda run: run.as_of,
            reverse=True,
        )
        found = {run.as_of: self._row(run, customer_id) for run in runs}
        if not runs or found[runs[0].as_of] is None or runs[0].published_at is None:
            return None
        before = {run.as_of: earlier for run, earlier in itertools.pairwise(runs)}
        history = [
            PastScore(
                as_of=run.as_of,
                churn_probability=row["churn_probability"],
                risk_tier=row["risk_tier"],
                model_version=run.model_version,
                move=_move(run, row, before.get(run.as_of), found),
            )
            for run in runs[:lists]
            if (row := found[run.as_of]) is not None
        ]
        (answer,) = answers(self._only(runs[0], customer_id))

        return PublishedCustomer(
            as_of=runs[0].as_of,
            published_at=runs[0].published_at,
            model_version=runs[0].model_version,
            answer=answer,
            history=tuple(history),
        )

    async def cut(self, population: str) -> Cut | None:
        """Return how the latest list was cut; None where there is no list that says so."""
        runs = [run for run in self.scores.runs(population) if run.status == "published"]
        latest = max(runs, key=lambda run: run.as_of, default=None)
        if latest is None or latest.tier_bounds is None:
            return None

        return Cut(latest.as_of, TierBounds.from_dict(latest.tier_bounds))

    async def tiers_before(self, cut: Cut, customer_ids: Sequence[str]) -> dict[str, str]:
        """Return the tiers of customers in the list before, by their ids."""
        if cut.bounds.before_run_id is None:
            return {}
        table = self.scores.lists[cut.bounds.before_run_id]
        tiers = zip(table["customer_id"].to_pylist(), table["risk_tier"].to_pylist(), strict=True)

        return {name: tier for name, tier in tiers if name in customer_ids}

    async def answers(self) -> bool:
        """Tell that they can be read."""
        return True

    def _row(self, run: ScoreRun, customer_id: str) -> Mapping[str, Any] | None:
        """Return a customer in one list."""
        return next(iter(self._only(run, customer_id).to_pylist()), None)

    def _only(self, run: ScoreRun, customer_id: str) -> pa.Table:
        """Return the row of a customer in one list, or none."""
        table = self.scores.lists[run.run_id]
        ids = table["customer_id"].to_pylist()

        return table.slice(ids.index(customer_id), 1) if customer_id in ids else table.slice(0, 0)


def _move(
    run: ScoreRun,
    row: Mapping[str, Any],
    earlier: ScoreRun | None,
    found: Mapping[date, Mapping[str, Any] | None],
) -> Move | None:
    """Return why a score moved, where either list has reasons; its themes where both have."""
    was = None if earlier is None else found[earlier.as_of]
    if earlier is None or was is None or (row["reasons"], was["reasons"]) == (None, None):
        return None
    is_changed = run.model_version != earlier.model_version
    (after, now), (before, then) = _told(row), _told(was)
    change = now - then
    themes = {theme: after.get(theme, 0) - before.get(theme, 0) for theme in {**after, **before}}
    is_known = not is_changed and None not in (row["reasons"], was["reasons"])

    return Move(
        previous_date=earlier.as_of,
        previous_probability=was["churn_probability"],
        is_model_changed=is_changed,
        log_odds_change=change,
        by_data=None if is_changed else change,
        by_model=None if is_changed else 0.0,
        data_themes=themes if is_known else None,
        model_themes=None,
    )


def _told(row: Mapping[str, Any]) -> tuple[Mapping[str, float], float]:
    """Return the themes of a score, where it has reasons, and its log-odds."""
    if row["reasons"] is None:
        probability = row["churn_probability"]
        return {}, math.log(probability / (1 - probability))
    told = json.loads(row["reasons"])

    return told["themes"], told["log_odds"]
