"""Which dates a build is asked for, and which labels come with it."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from pipelines import settings
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.errors import FeaturesMissing, RunLocked
from pipelines.steps.build_features import FeatureReport, build_features

NIGHT = date(2026, 6, 30)
CONTRACT = FeatureContract("fct_customer_features", (Feature("fee", "numeric", "Fee"),))


@dataclass
class Memory:
    """dbt, the record of builds and the locks, in memory."""

    known: dict[date, date] = field(default_factory=dict)
    rows: int = 5
    is_free: bool = True
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def build(self, _select: str, variables: Mapping[str, Any]) -> None:
        """Remember what was asked for."""
        self.asked.append(variables)

    def contract(self, _model: str) -> FeatureContract:
        """Return the one contract."""
        return CONTRACT

    def built(self, _population: str) -> dict[date, date]:
        """Return what stands."""
        return self.known

    def record_build(
        self,
        _population: str,
        *,
        as_ofs: Sequence[date],
        contract: FeatureContract,  # noqa: ARG002  of the protocol
        label_as_ofs: Sequence[date],
        known_at: date,
    ) -> dict[date, int]:
        """Remember a build."""
        self.known |= dict.fromkeys([*as_ofs, *label_as_ofs], known_at)

        return dict.fromkeys(as_ofs, self.rows)

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Be free or not."""
        if not self.is_free:
            raise RunLocked(f"another {name}", next_step="wait")
        yield

    def night(self, as_of: date) -> FeatureReport:
        """Build one night of the default population."""
        return build_features(
            population="subscribers",
            config=settings.load({}).population("subscribers"),
            as_ofs=[as_of],
            known_at=as_of,
            builder=self,
            features=self,
            locks=self,
        )


def before(days: int) -> date:
    """Return the date that many days before the night."""
    return NIGHT - timedelta(days=days)


def test_labels_are_built_from_the_day_they_are_due_until_they_have_settled() -> None:
    """Due today, due lately and settled; not yet due; settled since."""
    memory = Memory({before(29): before(29), before(30): before(30), before(40): before(1)})
    memory.known |= {before(60): before(20), before(46): before(1)}
    memory.night(NIGHT)

    expected = [str(before(days)) for days in (30, 40, 60)]
    assert expected == sorted(memory.asked[0]["label_as_ofs"], reverse=True)


def test_labels_missed_while_no_night_ran_are_caught_up_with_once() -> None:
    """A label due long ago and never built since is built now, and then left alone."""
    memory = Memory({before(200): before(200)})
    memory.night(NIGHT)
    memory.night(NIGHT)

    assert [[str(before(200))], []] == [asked["label_as_ofs"] for asked in memory.asked]


def test_a_date_without_customers_is_refused() -> None:
    """An empty feature table is no feature table."""
    with pytest.raises(FeaturesMissing, match="no customer on 1 of 1 dates"):
        Memory(rows=0).night(NIGHT)


def test_one_build_at_a_time() -> None:
    """While another build is at work nothing is asked of dbt."""
    memory = Memory(is_free=False)
    with pytest.raises(RunLocked, match="dbt build"):
        memory.night(NIGHT)

    assert [] == memory.asked
