-- The tiers in which a list held customers are those of the list before it, which may have been replaced since.
create function churn.tiers_in_list(asked_run bigint, asked_date date, customer_ids text[]) returns table (
  customer_id text, risk_tier text
)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select
    score.customer_id,
    score.risk_tier
  from churn.scores as score
  where
    score.score_date = asked_date
    and score.run_id = asked_run
    and score.customer_id = any(customer_ids)
$$;
revoke execute on function churn.tiers_in_list(bigint, date, text[]) from public;
grant execute on function churn.tiers_in_list(bigint, date, text[]) to churn_service;
