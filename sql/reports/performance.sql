-- How past lists turned out once their horizon had passed, with 95 % intervals.
select
  population,
  score_date,
  model_version,
  metric,
  value,
  lower,
  upper,
  customers,
  churners
from churn.model_performance
order by population asc, score_date desc, metric asc;
