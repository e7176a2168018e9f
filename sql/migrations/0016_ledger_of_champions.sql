-- A challenger that is better may wait for a person; that is a row as well, and no decision yet.
alter table churn.model_promotions add column is_waiting boolean not null default false;
alter table churn.model_promotions add constraint model_promotions_is_waiting_check
check (not (is_waiting and is_promoted));

-- One row per time that a version was champion: from when, until when (exclusive), why and by whom.
create view churn.champions as
with decided as (
  select
    model_promotion_id,
    population,
    challenger_version,
    as_of,
    reason,
    decided_at,
    decided_by,
    evidence ->> 'approved_by' as approved_by
  from churn.model_promotions
  -- A checksum that was recorded later made nobody champion.
  where is_promoted and challenger_version is distinct from champion_version
)

select
  population,
  challenger_version as version,
  decided_at as champion_from,
  lead(decided_at) over (partition by population order by model_promotion_id) as champion_until,
  as_of as decided_as_of,
  reason,
  decided_by,
  approved_by
from decided;

grant select on churn.champions to churn_pipeline, churn_trainer, churn_analyst;
