-- Alerts of the last seven nights.
select
  alert.as_of,
  alert.kind,
  alert.severity,
  alert.title,
  alert.body,
  alert.owner,
  exists(
    select from churn.alert_deliveries as delivery
    where delivery.alert_id = alert.alert_id and delivery.error is null
  ) as is_sent,
  alert.resolved_at is not null as is_resolved
from churn.alerts as alert
where alert.population = :'population' and alert.as_of > cast(:'as_of' as date) - 7 and alert.as_of <= :'as_of'
order by alert.as_of desc, alert.alert_id asc;
