<% if gone is none %>
-- Nothing in the source says who has left.
select
    as_of,
    customer_id,
    cast(null as boolean) as is_churned,
    as_of as label_due_at
from {{ ref('fct_<< name >>_features') }}
where {{ churn.is_built() }}
<% else %>
-- The source itself says who has left, so a label is due at once.
{{ churn.told_by_snapshot(ref('fct_<< name >>_features'), ref('stg_<< name >>__<< table.name >>'), '<< table.label >>', << gone | jinja >>) }}
<% endif %>
