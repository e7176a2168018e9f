"""A year of nights of the generated business of which it is known who left, and its models."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import settings
from pipelines.adapters.local import postgres
from pipelines.domain.ports.models import Model
from pipelines.wiring import data
from pipelines.wiring.database_roles import ROLE_OF
from pipelines.wiring.installation import Installation
from tests.e2e.churn_home import ChurnHome, ended

POPULATION = "subscribers"
LAST = date(2026, 11, 1)
MONTHS = 36
# People there ever were for each that is there at the end of so long a history.
EVER_FOR_EACH = 2.6
# After so many days it is known of a night who left.
LABEL_DAYS = 30
# Dates built by one run of dbt.
DATES_AT_ONCE = 21


@dataclass(frozen=True)
class MaturedYear:
    """
    Features and labels of one business, night by night, and what was trained along the way.

    Attributes:
        folder: Where its files are, or are to be.
        customers: How many there are a night, roughly.
        nights: How many nights after the first training have matured.
        every: Days from one night to the next that is looked at.
        train_every: Days from one training to the next.
    """

    folder: Path
    customers: int
    nights: int
    every: int
    train_every: int

    @property
    def first(self) -> date:
        """The date of the first training."""
        return LAST - timedelta(days=LABEL_DAYS + self.nights)

    @property
    def days(self) -> list[date]:
        """The nights that are looked at, ascending."""
        return [
            self.first + timedelta(days=number) for number in range(1, self.nights + 1, self.every)
        ]

    @property
    def trainings(self) -> list[date]:
        """The dates of the trainings, ascending."""
        latest = self.days[-1]
        every = [*range(0, self.nights, self.train_every)]

        return [day for days in every if (day := self.first + timedelta(days=days)) <= latest]

    def night(self, day: date) -> pa.Table:
        """Return `as_of`, `customer_id`, the features and `is_churned` of one night."""
        return pq.read_table(self.folder / f"{day}.parquet")

    def models(self) -> list[Model]:
        """Return what was trained, in the order of the trainings."""
        registry = self._wired("score").registry
        numbers = range(1, len(self.trainings) + 1)

        return [registry.load(registry.numbered(POPULATION, number)) for number in numbers]

    def champions(self) -> list[tuple[date, int]]:
        """Return from which training on which version was champion."""
        rows = self._churn().rows(
            "select as_of, challenger_version from churn.model_promotions "
            "where is_promoted order by as_of"
        )

        return [(date.fromisoformat(day), int(version)) for day, version in rows]

    def make(self) -> Iterator[str]:
        """Make what is not there yet, and tell what was; call it within `opened`."""
        if not (self.folder / "loaded").exists():
            ever = round(EVER_FOR_EACH * self.customers)
            self._churn().churn(
                *("load-demo", "--as-of", LAST),
                *("--customers", ever, "--months", MONTHS),
            )
            (self.folder / "loaded").touch()
            yield f"{ever:,} customers ever"
        for number, day in enumerate(self.trainings, 1):
            if not (self.folder / f"{number}.trained").exists():
                yield self._train(day)
                (self.folder / f"{number}.trained").touch()
        missing = [day for day in self.days if not (self.folder / f"{day}.parquet").exists()]
        for start in range(0, len(missing), DATES_AT_ONCE):
            self._build(missing[start : start + DATES_AT_ONCE])
            yield f"{min(start + DATES_AT_ONCE, len(missing))} of {len(missing)} nights"

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """Run the database of the business for a while."""
        home = self.folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        with ended(home):
            postgres.start(home, is_durable=False)
            data.migrate(Installation(settings.load({"CHURN_HOME": str(home)})))
            yield

    def _train(self, day: date) -> str:
        """Train at one date, as every week, and let the better one be champion."""
        churn = self._churn()
        churn.churn("backfill", "--as-of", day)
        churn.churn("train", "--as-of", day)
        # Where there was no champion there is no challenger, and nothing to be judged.
        told = churn.run("promote", "--as-of", day) if day != self.first else None

        return f"trained at {day}: {told.stdout.strip() if told else 'the first champion'}"

    def _build(self, days: list[date]) -> None:
        """Build some nights, with their labels as they are known at the end."""
        churn = self._churn()
        churn.churn(
            *("backfill", "--from", days[0], "--to", days[-1], "--every", self.every),
            *("--as-of", LAST),
        )
        features = self._wired("score").features
        for day in days:
            contract = features.contract(POPULATION, day)
            part = self.folder / f"{day}.part"
            pq.write_table(features.labelled(POPULATION, [day], contract), part)
            part.rename(self.folder / f"{day}.parquet")

    def _churn(self) -> ChurnHome:
        """Return its commands, with our churn.toml but for the search of a training."""
        churn = ChurnHome(self.folder / "home", is_started_anew=True)
        churn.configure({})

        return churn

    def _wired(self, command: str) -> Installation:
        """Return the installation in this process."""
        churn = self._churn()

        return Installation(
            settings.load({"CHURN_HOME": str(churn.home), **churn.environ}), ROLE_OF[command]
        )
