with as_ofs as (
    {{ churn.as_of_spine() }}
),

-- What a later load says of a customer replaces what was known before, from then on.
latest as (
    select distinct on (as_ofs.as_of, facts.customer_id)
        as_ofs.as_of,
        facts.*
    from as_ofs
    inner join {{ ref('<< beside.staging >>') }} as facts
        on {{ churn.is_known('facts.occurred_at', 'facts.loaded_at', 'as_ofs.as_of') }}
    -- By the digest where one load has a customer twice, so that another build takes the same row.
    order by
        as_ofs.as_of asc, facts.customer_id asc, facts.loaded_at desc, facts.occurred_at desc, facts.row_digest asc
)

select
    as_of,
<% for item in beside.features %>
    << item.expression >><% if item.expression != item.name %> as << item.name >><% endif %>,
<% endfor %>
    customer_id
from latest
