-- What the table says of each customer on the as_of itself.
select
    as_of,
    customer_id,
<% for item in features %>
    << item.expression >><% if item.expression != item.name %> as << item.name >><% endif %><% if not loop.last %>,<% endif %>

<% endfor %>
from {{ ref('int_<< name >>_rows') }}
where {{ churn.is_built() }}<% if label.column and not label.is_of_row %> and is_told_gone is not true<% endif %>

