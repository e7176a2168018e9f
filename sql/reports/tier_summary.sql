-- How many customers stand in each risk tier tonight, how many of them are expected to leave, and how many changed into
-- it since the list before.
select
  current.population,
  current.risk_tier,
  count(*) as customers,
  round(100.0 * count(*) / sum(count(*)) over (partition by current.population), 1) as share_pct,
  round(avg(current.churn_probability)::numeric, 4) as mean_probability,
  round(sum(current.churn_probability)::numeric, 1) as expected_to_leave,
  count(changes.customer_id) as arrived,
  string_agg(distinct current.recommended_action, '; ' order by current.recommended_action) as recommended_action
from churn.scores_current as current
left join churn.tier_changes as changes
  on
    current.population = changes.population
    and current.score_date = changes.score_date
    and current.customer_id = changes.customer_id
group by current.population, current.risk_tier
order by current.population asc, mean_probability desc;
