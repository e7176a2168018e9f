select
    customer_id,
<% for kind in items.kinds %>
    cast(<< kind.column | name >> as text) as << kind.stem >>,
<% endfor %>
<% for amount in items.amounts %>
    cast(<< amount.column | name >> as double precision) as << amount.stem >>,
<% endfor %>
    loaded_at
from {{ source('<< beside.table.population >>', '<< beside.table.raw_table >>') }}
where {{ churn.is_not_erased() }}
