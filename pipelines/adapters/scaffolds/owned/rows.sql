-- The table where it stands: nothing of it is copied but the days that are learned from or scored.
select
    << as_of >> as as_of,
    cast(<< key >> as text) as customer_id<% for name, expression in values.items() %>,
    << expression | column(name) >><% endfor %><% if label.column %>,
    << told >> as is_told_gone<% endif %>

from {{ source('<< name >>', '<< source.name >>') }}
where << key >> is not null and {{ churn.is_not_erased(<< key_text | jinja >>) }}
