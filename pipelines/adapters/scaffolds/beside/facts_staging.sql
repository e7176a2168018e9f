select
    *,
<% if is_dated %>
    {{ churn.midnight('<< beside.table.happened_at | name >>') }} as occurred_at
<% else %>
    << beside.table.happened_at | name >> as occurred_at
<% endif %>
from {{ source('<< beside.table.population >>', '<< beside.table.raw_table >>') }}
where customer_id is not null and {{ churn.is_not_erased() }}
