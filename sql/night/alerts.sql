-- What is open, and the alerts of the last seven nights; of an incident of several nights its latest.
with nights as (
  select
    *,
    coalesce(incident_id, alert_id) as incident
  from churn.alerts
  where population = :'population' and as_of <= :'as_of'
),

incidents as (
  select
    incident,
    min(as_of) as began_on,
    max(as_of) as as_of,
    bool_and(resolved_at is not null) as is_resolved
  from nights
  group by incident
)

select
  alert.as_of,
  incidents.began_on,
  alert.kind,
  alert.severity,
  alert.title,
  alert.body,
  alert.owner,
  exists(
    select from churn.alert_deliveries as delivery
    where delivery.alert_id = incidents.incident and delivery.stage = 'began' and delivery.error is null
  ) as is_sent,
  incidents.is_resolved
from incidents
inner join nights as alert on incidents.incident = alert.incident and incidents.as_of = alert.as_of
where
  incidents.as_of > cast(:'as_of' as date) - 7
  or (not incidents.is_resolved and alert.severity <> 'info')
order by
  incidents.is_resolved asc, array_position(array['critical', 'warning', 'info'], alert.severity) asc,
  alert.as_of desc, incidents.incident asc;
