-- What drift and outcomes cost and brought in the last year: each training they asked for, with its cause, what came of
-- it, and how lists fared before and after. Empty is what is not known yet.
select
  population,
  as_of,
  cause,
  champion_version,
  challenger_version,
  is_promoted,
  judged_because,
  round(precision_before::numeric, 3) as precision_before,
  round(precision_after::numeric, 3) as precision_after,
  round(observed_to_expected_before::numeric, 2) as observed_to_expected_before,
  round(observed_to_expected_after::numeric, 2) as observed_to_expected_after,
  has_recovered
from churn.retrainings
where as_of > current_date - 365
order by as_of desc, population asc;
