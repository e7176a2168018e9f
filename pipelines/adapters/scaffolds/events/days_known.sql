with as_ofs as (
    {{ churn.as_of_spine() }}
),

days as (
    select * from {{ ref('int_<< log.population >>_days_aggregated') }}
),

known as (
    select
        as_ofs.as_of,
        days.*
    from as_ofs
    inner join days on {{ churn.is_known_day('days.occurred_date', 'days.loaded_date', 'as_ofs.as_of') }}
),

described as (
    select
        *,
        {{ churn.days_since_previous() }} as days_since_previous,
        {{ churn.latest('occurred_date') }} as customer_last_date,
<% if log.label.column %>
        {{ churn.latest('left_at') }} as customer_left_at,
<% endif %>
        {{ churn.latest('last_at') }} as customer_last_at
    from known
),

of_members as (
    select
        *,
        nullif(days_since_previous, 0) as gap_days,
        case when days_since_previous = 0 then 0 else 1 end as active_days
    from described
<% if log.eligible_days is not none and log.label.column %>
    where
        {{ churn.in_day_window('customer_last_date', << log.eligible_days >>) }}
        and not {{ churn.has_left('customer_left_at', 'customer_last_at') }}
<% elif log.eligible_days is not none %>
    where {{ churn.in_day_window('customer_last_date', << log.eligible_days >>) }}
<% elif log.label.column %>
    where not {{ churn.has_left('customer_left_at', 'customer_last_at') }}
<% endif %>
)

select * from of_members
