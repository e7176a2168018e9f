-- What the latest load known before as_of says of each customer.
with latest as (
    {{ churn.latest_snapshot(ref('<< beside.staging >>')) }}
)

select
    as_of,
<% for item in beside.features %>
    << item.expression >><% if item.expression != item.name %> as << item.name >><% endif %>,
<% endfor %>
    customer_id
from latest
