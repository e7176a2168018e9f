-- What the latest load known before as_of says of each customer.
with customers as (
    {{ churn.latest_snapshot(ref('stg_<< name >>__<< table.name >>')) }}
)

select
    as_of,
    customer_id,
<% for item in features %>
    << item.expression >><% if item.expression != item.feature.name %> as << item.feature.name >><% endif %><% if not loop.last %>,<% endif %>

<% endfor %>
from customers
