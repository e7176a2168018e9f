select
    *,
    << log.row_key | name >> as row_of,
<% if log.begin in log.dated %>
    {{ churn.midnight('<< log.begin | name >>') }} as occurred_at
<% else %>
    << log.begin | name >> as occurred_at
<% endif %>
from {{ source('<< log.population >>', '<< log.raw_table >>') }}
where customer_id is not null and {{ churn.is_not_erased() }}
