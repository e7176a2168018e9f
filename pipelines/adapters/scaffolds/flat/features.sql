-- What the latest load known before as_of says of each customer.
with customers as (
    {{ churn.latest_snapshot(ref('stg_<< name >>__<< table.name >>')) }}
)<< "," if beside else "" >>

<% if beside %>
described as (
    select
        as_of,
        customer_id<< "," if features else "" >>
<% for item in features %>
        << item.expression >><% if item.expression != item.name %> as << item.name >><% endif %><% if not loop.last %>,<% endif %>

<% endfor %>
    from customers
)

<% set own = "described" %>
<% include "beside/joined.sql" %>
<% else %>
select
    as_of,
    customer_id,
<% for item in features %>
    << item.expression >><% if item.expression != item.name %> as << item.name >><% endif %><% if not loop.last %>,<% endif %>

<% endfor %>
from customers
<% endif %>
