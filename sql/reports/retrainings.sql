-- What trainings that evidence started cost and brought this year: why each began, what came of it, and whether as many
-- left afterwards as the scores said.
select
  population,
  started_as_of,
  array_to_string(causes, ' and ') as causes,
  from_version,
  to_version,
  outcome,
  days_until_judged,
  round(auc_before::numeric, 3) as auc_before,
  round(auc_after::numeric, 3) as auc_after,
  round(observed_to_expected_before::numeric, 2) as observed_to_expected_before,
  round(observed_to_expected_after::numeric, 2) as observed_to_expected_after,
  is_closer_to_expected
from churn.retrainings
where started_as_of > (select max(as_of) - 365 from churn.retraining_decisions)
order by population, started_as_of
