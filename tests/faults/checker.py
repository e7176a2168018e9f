"""What has to hold after every fault."""

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from tests.faults.business import Business, Seen, wait
from tests.faults.reader import Reader

# Who is to be scored, from the raw records: a subscription known before midnight that had begun
# and had not ended. Written once more here, apart from dbt.
ELIGIBLE = """
with latest as (
  select distinct on (subscription_id) customer_id, started_at, ended_at
  from raw.subscriptions
  where
    loaded_at < %(midnight)s and changed_at < %(midnight)s and started_at < %(midnight)s
  order by subscription_id, changed_at desc, loaded_at desc
)

select count(distinct customer_id)
from latest
where ended_at is null or ended_at > %(midnight)s
"""

PUBLISHED = """
select
  runs.as_of, count(*), count(distinct scores.model_version), max(runs.rows), min(builds.rows)
from churn.score_runs as runs
inner join churn.scores_published as scores using (run_id)
inner join churn.feature_builds as builds
  on runs.population = builds.population and runs.as_of = builds.as_of
where runs.status = 'published'
group by runs.as_of, runs.run_id
order by runs.as_of
"""


@dataclass
class Checker:
    """
    What people see of a date that is disturbed, and of the dates that are not.

    Attributes:
        business: Where.
        as_of: The date that is disturbed.
        old: Hash of the list before; None when there is none.
        new: Hash of the list an undisturbed night gives; None when it must not publish.
        polls: How often a reader has looked.
        outages: How often the server was away while it looked.
    """

    business: Business
    as_of: date
    old: str | None
    new: str | None
    polls: int = 0
    outages: int = 0

    def __post_init__(self) -> None:
        """Remember what the other dates show, and from when on alerts are new."""
        self.others = self._others()
        ((self.began,),) = self.business.rows("select clock_timestamp()")
        self.whole = self.business.seen(self.as_of)[0]
        assert self.others, "there is no other day to compare"

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Read while the block runs; then no poll may have seen anything but old, then new."""
        reader = Reader(self.business, self.as_of)
        reader.start()
        try:
            wait("the first poll", lambda: reader.polls)
            yield
        finally:
            reader.is_over.set()
            reader.join()
        self.polls += len(reader.polls)
        self.outages += reader.outages
        rows = max(self.whole, self.business.seen(self.as_of)[0])
        legal: set[Seen] = {(rows, 1, hash_) for hash_ in (self.old, self.new) if hash_}
        if self.old is None:
            legal.add((0, 0, None))
        assert set() == set(reader.polls) - legal
        shown = [hash_ for (_, _, hash_), _ in groupby(reader.polls)]
        assert shown in ([self.old], [self.old, self.new], [self.new])

    def check(
        self, shown: str | None, *, alerts: Collection[str] = (), healed: Collection[str] = ()
    ) -> None:
        """
        Require that everything is as it should be.

        Args:
            shown: Hash of the list the disturbed date has to show, None for none.
            alerts: Kinds of alert that were raised since and are open, each once.
            healed: Kinds that were raised since and have been resolved, each once.
        """
        days = self.business.rows(PUBLISHED)
        published = self.business.rows(
            "select population, as_of from churn.score_runs where status = 'published'"
        )
        assert len(days) == len(published) == len(set(published)) > 0
        for day, rows, versions, recorded, built in days:
            eligible = self._eligible(day)
            assert (eligible, 1, eligible, eligible) == (rows, versions, recorded, built), day
        assert self.others == self._others()
        assert shown == self.business.seen(self.as_of)[2]
        expected = [(kind, False) for kind in alerts] + [(kind, True) for kind in healed]
        assert sorted(expected) == [(kind, is_over) for kind, is_over, _ in self.raised()]

    def check_finished(
        self, shown: str | None, *, alerts: Collection[str] = (), healed: Collection[str] = ()
    ) -> None:
        """Require the same, and that whatever did not make it says why."""
        self.check(shown, alerts=alerts, healed=healed)
        silent = self.business.rows(
            "select run_id, status from churn.score_runs where as_of = %s "
            "and status <> 'published' and (reason is null or status in ('staging', 'staged'))",
            self.as_of,
        )
        assert [] == silent

    def raised(self) -> list[tuple[str, bool, str]]:
        """Return kind, whether it is resolved, and words of every alert raised since."""
        return self.business.rows(
            "select kind, resolved_at is not null, concat(title, chr(10), body) from churn.alerts "
            "where created_at >= %s order by kind, 2",
            self.began,
        )

    def _others(self) -> dict[date, Seen]:
        """Return what people read of every other date."""
        days = self.business.rows(
            "select as_of from churn.score_runs where status = 'published' and as_of <> %s",
            self.as_of,
        )

        return {day: self.business.seen(day) for (day,) in days}

    def _eligible(self, day: date) -> int:
        """Return how many customers are to be scored, from the raw records."""
        with self.business.connect() as connection:
            found = connection.execute(ELIGIBLE, {"midnight": f"{day} 00:00+00"}).fetchone()  # type: ignore[arg-type]

        assert found is not None
        return int(found[0])
