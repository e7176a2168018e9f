-- What the trainings that evidence asked for in the last year came to.
select
  as_of,
  cause,
  champion_version,
  challenger_version,
  case
    when is_promoted then 'promoted'
    when is_waiting then 'waits for a person'
    when challenger_version is null then 'not judged yet'
    else 'not promoted'
  end as came_to,
  precision_before,
  precision_after,
  case
    when has_recovered then 'recovered'
    when not has_recovered then 'not recovered'
    else 'not known yet'
  end as outcome
from churn.retrainings
where population = :'population' and as_of > cast(:'as_of' as date) - 365 and as_of <= :'as_of'
order by as_of desc
limit 12;
