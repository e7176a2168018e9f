-- Customers who have come into the highest tiers since the list before, by the theme that raises their risk most.
with lists as (
  select
    run_id,
    as_of,
    row_number() over (order by as_of desc) as back
  from churn.score_runs
  where population = :'population' and status = 'published' and as_of <= :'as_of'
  order by as_of desc
  limit 2
),

arrived as (
  select
    now.customer_id,
    now.risk_tier,
    now.reasons,
    before.customer_id is null as is_new_customer
  from lists
  inner join churn.scores as now on lists.run_id = now.run_id and lists.as_of = now.score_date
  left join lists as earlier on earlier.back = 2
  left join churn.scores as before
    on
      earlier.run_id = before.run_id
      and earlier.as_of = before.score_date
      and now.customer_id = before.customer_id
  where
    lists.back = 1
    and lists.as_of = :'as_of'
    and earlier.run_id is not null
    and now.risk_tier = any(string_to_array(:'top_tiers', ','))
    and (before.risk_tier is null or before.risk_tier <> all(string_to_array(:'top_tiers', ',')))
)

select
  strongest.theme,
  arrived.risk_tier as tier,
  count(*) as customers,
  sum(count(*)) over () as customers_in_all,
  sum(count(*) filter (where arrived.is_new_customer)) over () as not_in_list_before
from arrived
left join lateral (
  select themes.key as theme
  from jsonb_each_text(arrived.reasons -> 'themes') as themes
  where cast(themes.value as double precision) > 0
  order by cast(themes.value as double precision) desc, themes.key asc
  limit 1
) as strongest on true
group by strongest.theme, arrived.risk_tier
order by count(*) desc, strongest.theme asc, arrived.risk_tier asc;
