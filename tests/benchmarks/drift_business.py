"""A year of calm nights of the generated business, made once and kept as files."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import settings
from pipelines.adapters.local import postgres
from pipelines.adapters.models import directory
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.ports.models import Model
from pipelines.wiring import data
from pipelines.wiring.database_roles import ROLE_OF
from pipelines.wiring.installation import Installation
from tests.e2e.churn_home import ChurnHome, ended

POPULATION = "subscribers"
MODEL = "model"
LAST = date(2026, 11, 1)
MONTHS = 36
# People there ever were for each that is there at the end of so long a history.
EVER_FOR_EACH = 2.6
# Dates built by one run of dbt.
DAYS_AT_ONCE = 21
SNAPSHOT_DAYS = 30
SNAPSHOTS = 12
EARLIER_NIGHTS = 28
# A training needs labels: gap and horizon lie between its last snapshot and itself.
LABEL_DAYS = 60


@dataclass(frozen=True)
class CalmYear:
    """
    Features and scores of one business, night by night, and the model that scored them.

    Attributes:
        folder: Where its files are, or are to be.
        customers: How many are scored a night, roughly.
        nights: How many nights after the training.
    """

    folder: Path
    customers: int
    nights: int

    @property
    def trained(self) -> date:
        """The date of the training."""
        return LAST - timedelta(days=self.nights)

    @property
    def days(self) -> list[date]:
        """The nights, the first after the training."""
        return [self.trained + timedelta(days=1 + number) for number in range(self.nights)]

    @property
    def snapshots(self) -> list[date]:
        """The dates the model may have learned from, ascending."""
        latest = self.trained - timedelta(days=LABEL_DAYS)

        return [latest - timedelta(days=SNAPSHOT_DAYS * back) for back in range(SNAPSHOTS)][::-1]

    @property
    def earlier(self) -> list[date]:
        """The dates before the training whose features stand: snapshots, and nights."""
        return sorted({*self.snapshots, *self.nights_before})

    @property
    def nights_before(self) -> list[date]:
        """Nights of an earlier model, in the weeks before the training."""
        return [self.trained - timedelta(days=back) for back in range(EARLIER_NIGHTS)][::-1]

    def night(self, day: date) -> pa.Table:
        """Return `customer_id`, the features and `churn_probability` of one night or snapshot."""
        return pq.read_table(self.folder / f"{day}.parquet")

    def model(self) -> Model:
        """Return the model."""
        return directory.load(self.folder / MODEL)

    def contract(self) -> FeatureContract:
        """Return the contract as it was declared when the nights were built."""
        described = json.loads((self.folder / "contract.json").read_text("utf-8"))

        return FeatureContract.from_dict(described)

    def make(self, nights: Sequence[date]) -> Iterator[str]:
        """
        Make what is not there yet of some nights and of those before the training.

        What was made stays if it is stopped; each step is told.
        """
        wanted = sorted({*self.nights_before, *nights})
        missing = [day for day in wanted if not (self.folder / f"{day}.parquet").exists()]
        if not missing:
            return
        home = self.folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        with ended(home):
            postgres.start(home, is_durable=False)
            data.migrate(Installation(settings.load({"CHURN_HOME": str(home)})))
            churn = ChurnHome(home, is_started_anew=True)
            churn.configure({})
            yield from self._train(churn)
            made = 0
            for days in runs(missing):
                self._build(churn, days)
                made += len(days)
                yield f"{made} of {len(missing)} nights"

    def _train(self, churn: ChurnHome) -> Iterator[str]:
        """Load the business and train its model; nothing where that was done."""
        if (self.folder / MODEL).exists():
            return
        ever = round(EVER_FOR_EACH * self.customers)
        churn.churn("load-demo", "--as-of", LAST, "--customers", ever, "--months", MONTHS)
        yield f"{ever:,} customers ever"
        churn.churn(
            *("backfill", "--from", self.snapshots[0], "--to", self.snapshots[-1]),
            *("--every", SNAPSHOT_DAYS, "--as-of", self.trained),
        )
        yield f"{SNAPSHOTS} snapshots"
        churn.churn("train", "--as-of", self.trained)
        installation = self._wired(churn, "drift")
        for day in self.snapshots:
            self._keep(installation, day)
        built = installation.features.contract(POPULATION, self.snapshots[-1])
        (self.folder / "contract.json").write_text(json.dumps(built.to_dict()), "utf-8")
        model = installation.registry.load(installation.registry.numbered(POPULATION, 1))
        shutil.copytree(model.path, self.folder / MODEL)
        yield "a model"

    def _build(self, churn: ChurnHome, days: Sequence[date]) -> None:
        """Build and score nights that follow each other."""
        churn.churn("backfill", "--from", days[0], "--to", days[-1], "--as-of", LAST)
        installation = self._wired(churn, "drift")
        for day in days:
            self._keep(installation, day)

    def _keep(self, installation: Installation, day: date) -> None:
        """Write features and scores of one date."""
        model = installation.registry.load(installation.registry.numbered(POPULATION, 1))
        contract = installation.features.contract(POPULATION, day)
        rows = pa.Table.from_batches(
            [*installation.features.batches_at_risk(POPULATION, day, contract)]
        )
        scored = rows.append_column("churn_probability", pa.array(model.probabilities(rows)))
        part = self.folder / f"{day}.part"
        pq.write_table(scored, part)
        part.rename(self.folder / f"{day}.parquet")

    @staticmethod
    def _wired(churn: ChurnHome, command: str) -> Installation:
        """Return the installation in this process."""
        return Installation(
            settings.load({"CHURN_HOME": str(churn.home), **churn.environ}), ROLE_OF[command]
        )


def runs(days: Sequence[date]) -> list[list[date]]:
    """Return ascending days as runs without a gap, of DAYS_AT_ONCE at most."""
    found: list[list[date]] = []
    for day in days:
        is_next = found and found[-1][-1] == day - timedelta(days=1)
        if is_next and len(found[-1]) < DAYS_AT_ONCE:
            found[-1].append(day)
        else:
            found.append([day])

    return found
