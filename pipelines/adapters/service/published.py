"""Customers as the latest published list has them, read in one statement."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import DictRow

from pipelines.adapters.service.pool import Pool
from pipelines.domain.scoring.scoring import TEXTS
from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.serving.answers import Answer
from pipelines.domain.serving.published import Cut, Move, PastScore, PublishedCustomer
from pipelines.errors import DatabaseUnavailable

# One statement sees one moment. The lists are chosen first, by their runs: in each of them a
# customer is found by the key of its partition, and nowhere else.
CUSTOMERS = """
with lists as materialized (
  select run_id, as_of, model_version, published_at
  from churn.score_runs
  where population = %(population)s and status = 'published'
  order by as_of desc
  limit %(lists)s
)

select asked.place, told.*
from unnest(%(customer_ids)s::text[]) with ordinality as asked (customer_id, place)
cross join lateral (
  select
    lists.as_of, lists.model_version, lists.published_at,
    score.churn_probability, score.risk_tier, score.recommended_action,
    score.reason_1, score.reason_2, score.reason_3, score.reasons,
    move.previous_date, move.previous_probability, move.is_model_changed,
    move.log_odds_change::double precision as log_odds_change,
    move.by_data::double precision as by_data, move.by_model::double precision as by_model,
    move.data_themes, move.model_themes
  from lists
  left join lateral (
    select *
    from churn.scores_published as published
    where
      published.run_id = lists.run_id
      and published.score_date = lists.as_of
      and published.customer_id = asked.customer_id
  ) as score on true
  left join (
    select *
    from churn.score_moves
    where
      population = %(population)s
      and customer_id = asked.customer_id
      and score_date >= (select min(as_of) from lists)
  ) as move on lists.as_of = move.score_date
) as told
order by asked.place, told.as_of desc
"""
OF_NOBODY = ((CUSTOMERS, {"population": "", "customer_ids": [""], "lists": 1}),)
CUT = """
select as_of, tier_bounds
from churn.score_runs
where population = %(population)s and status = 'published'
order by as_of desc
limit 1
"""
TIERS = """
select customer_id, risk_tier
from churn.tiers_in_list(%(run_id)s::bigint, %(as_of)s::date, %(ids)s::text[])
"""


@dataclass(frozen=True)
class WarehousePublishedLists:
    """
    The views churn.scores_published and churn.score_moves.

    Attributes:
        pool: Connections as churn_service.
    """

    pool: Pool

    async def customers(
        self, population: str, customer_ids: Sequence[str], *, lists: int
    ) -> list[PublishedCustomer | None]:
        """Return each customer with their history; None who is not in the latest list."""
        # No text of PostgreSQL has that character, and so no customer there has it.
        named = [number for number, name in enumerate(customer_ids) if "\0" not in name]
        asked = {
            "population": population,
            "customer_ids": [customer_ids[number] for number in named],
            "lists": lists,
        }
        rows = await self.pool.rows(CUSTOMERS, asked) if named else []
        found: list[PublishedCustomer | None] = [None] * len(customer_ids)
        for place, told in itertools.groupby(rows, lambda row: row["place"]):
            found[named[place - 1]] = _customer([*told])

        return found

    async def cut(self, population: str) -> Cut | None:
        """Return how the latest list was cut; None where there is no list that says so."""
        rows = await self.pool.rows(CUT, {"population": population})
        if not rows or rows[0]["tier_bounds"] is None:
            return None

        return Cut(rows[0]["as_of"], TierBounds.from_dict(rows[0]["tier_bounds"]))

    async def tiers_before(self, cut: Cut, customer_ids: Sequence[str]) -> dict[str, str]:
        """Return the tiers of customers in the list before, by their ids."""
        if cut.bounds.before_run_id is None:
            return {}
        asked = {
            "run_id": cut.bounds.before_run_id,
            "as_of": cut.bounds.before_date,
            "ids": [each for each in customer_ids if "\0" not in each],
        }

        return {row["customer_id"]: row["risk_tier"] for row in await self.pool.rows(TIERS, asked)}

    async def answers(self) -> bool:
        """Tell whether they can be read now."""
        try:
            await self.pool.rows("select run_id from churn.score_runs limit 1", {})
        except DatabaseUnavailable:
            return False

        return True


def _customer(rows: Sequence[DictRow]) -> PublishedCustomer | None:
    """Return a customer of whom there is a row for each list, latest first."""
    latest = rows[0]
    if latest["churn_probability"] is None:
        return None

    return PublishedCustomer(
        as_of=latest["as_of"],
        published_at=latest["published_at"],
        model_version=latest["model_version"],
        answer=Answer(
            churn_probability=latest["churn_probability"],
            risk_tier=latest["risk_tier"],
            recommended_action=latest["recommended_action"],
            reasons=tuple(latest[name] for name in TEXTS if latest[name] is not None),
            explanation=latest["reasons"],
        ),
        history=tuple(_past(row) for row in rows if row["churn_probability"] is not None),
    )


def _past(row: DictRow) -> PastScore:
    """Return the customer in one list."""
    move = None if row["previous_date"] is None else Move(**{name: row[name] for name in MOVED})

    return PastScore(
        as_of=row["as_of"],
        churn_probability=row["churn_probability"],
        risk_tier=row["risk_tier"],
        model_version=row["model_version"],
        move=move,
    )


MOVED = tuple(Move.__slots__)
