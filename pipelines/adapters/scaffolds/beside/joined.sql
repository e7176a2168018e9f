select
    own.*,
<% for table in beside %>
<% set is_last = loop.last %>
<% for item in table.features %>
    << "coalesce(" if item.or_zero >><< table.table.name | alias >>.<< item.name >><< ", 0) as " ~ item.name if item.or_zero >><< "" if is_last and loop.last else "," >>
<% endfor %>
<% endfor %>
from << own >> as own
<% for table in beside %>
left join {{ ref('<< table.measured >>') }} as << table.table.name | alias >>
    on own.as_of = << table.table.name | alias >>.as_of and own.customer_id = << table.table.name | alias >>.customer_id
<% endfor %>
