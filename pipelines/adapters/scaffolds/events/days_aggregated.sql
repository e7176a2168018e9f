with events as (
    select
        *,
        {{ churn.utc_date('occurred_at') }} as occurred_date,
        {{ churn.utc_date('loaded_at') }} as loaded_date<< "," if log.has_periods else "" >>
<% if log.has_periods %>
        {{ churn.utc_date('replaced_at') }} as replaced_date
<% endif %>
    from {{ ref('<< log.staging >>') }}
    where {{ churn.is_before_last('occurred_at') }} and {{ churn.is_before_last('loaded_at') }}
),

days as (
    select
        customer_id,
        occurred_date,
        loaded_date,
<% if log.has_periods %>
        replaced_date,
<% endif %>
        count(*) as events,
        case when extract(isodow from occurred_date) in (6, 7) then count(*) else 0 end as weekend_events,
<% if log.has_times %>
<% for part in parts_of_day %>
        count(*) filter (where {{ churn.quarter_of_day('occurred_at') }} = << loop.index0 >>) as << part >>_events,
<% endfor %>
<% endif %>
<% for kind in log.counted %>
<% include "any/kind_counts.sql" %>
<% endfor %>
<% for amount in log.amounts %>
        {{ churn.exact_sum('<< amount.stem >>') }} as << amount.stem >>_sum,
        count(<< amount.stem >>) as << amount.stem >>_known,
        max(<< amount.stem >>) as << amount.stem >>_max,
<% endfor %>
<% for each in log.with_last %>
        {{ churn.last_in_day('<< each.stem >>') }} as last_<< each.stem >>,
<% endfor %>
<% if log.label.column %>
        max(occurred_at) filter (where << log.label_stem >> = << log.label.level | sql >>) as left_at,
<% endif %>
        max(occurred_at) as last_at
    from events
    group by customer_id, occurred_date, loaded_date<< ", replaced_date" if log.has_periods else "" >>
)

select * from days
