-- What the latest load known before as_of says of each customer.
with latest as (
    {{ churn.latest_snapshot(ref('<< beside.staging >>')) }}
),

counted as (
    select
        as_of,
        customer_id,
<% for kind in items.kinds %>
<% include "any/kind_counts.sql" %>
        count(distinct {{ churn.category('<< kind.stem >>') }}) as distinct_<< kind.stem >>,
<% endfor %>
<% for amount in items.amounts %>
        {{ churn.exact_sum('<< amount.stem >>') }} as << amount.stem >>_sum,
        count(<< amount.stem >>) as << amount.stem >>_known,
        max(<< amount.stem >>) as << amount.stem >>_max,
<% endfor %>
        count(*) as events
    from latest
    group by as_of, customer_id
),

<% set rows = "counted" %>
<% include "beside/measured.sql" %>
