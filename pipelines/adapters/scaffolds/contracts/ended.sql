select
    customer_id,
    << log.row_key | name >> as row_of,
<% if log.end in log.dated %>
    {{ churn.midnight('<< log.end | name >>') }} as occurred_at,
<% else %>
    << log.end | name >> as occurred_at,
<% endif %>
    loaded_at
from {{ source('<< log.population >>', '<< log.raw_ended >>') }}
where customer_id is not null and {{ churn.is_not_erased() }}
