with as_ofs as (
    {{ churn.as_of_spine() }}
),

events as (
    select
        *,
        {{ churn.utc_date('occurred_at') }} as occurred_date,
        {{ churn.utc_date('loaded_at') }} as loaded_date
    from {{ ref('<< log.staging >>') }}
    where {{ churn.is_before_last('occurred_at') }} and {{ churn.is_before_last('loaded_at') }}
),

days as (
    select
        customer_id,
        occurred_date,
        loaded_date,
<% for kind in log.kinds %>
<% include "any/kind_counts.sql" %>
<% endfor %>
<% for amount in log.amounts %>
        {{ churn.exact_sum('<< amount.stem >>') }} as << amount.stem >>_sum,
        count(<< amount.stem >>) as << amount.stem >>_known,
<% endfor %>
<% for each in log.with_last %>
        {{ churn.last_in_day('<< each.stem >>') }} as last_<< each.stem >>,
<% endfor %>
        count(*) as events
    from events
    group by customer_id, occurred_date, loaded_date
),

known as (
    select
        as_ofs.as_of,
        days.*
    from as_ofs
    inner join days on {{ churn.is_known_day('days.occurred_date', 'days.loaded_date', 'as_ofs.as_of') }}
),

<% set rows = "known" %>
<% include "beside/measured.sql" %>
