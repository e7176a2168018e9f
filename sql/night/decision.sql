-- What followed from the evidence against the champion in this night.
select
  action,
  cause,
  reason
from churn.loop_decisions
where population = :'population' and as_of = :'as_of';
