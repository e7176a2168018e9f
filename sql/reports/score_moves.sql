-- Customers whose score moved most since the list before, up or down, and why: by their data or by another model.
with latest as (
  select
    population,
    max(as_of) as score_date
  from churn.score_runs
  where status = 'published'
  group by population
)

select
  moves.population,
  moves.customer_id,
  moves.previous_probability,
  moves.churn_probability,
  moves.by_data,
  moves.by_model,
  moves.data_themes,
  moves.model_themes,
  moves.unknown_because
from churn.score_moves as moves
inner join latest on moves.population = latest.population and moves.score_date = latest.score_date
order by abs(moves.log_odds_change) desc, moves.customer_id asc
limit 50;
