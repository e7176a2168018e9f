{#- Features look back so many days at most, as names of columns say: those before the latest training date. -#}
{%- set history_days = 283 -%}

with as_ofs as (
    {{ churn.as_of_spine() }}
),

days as (
    select * from {{ ref('int_retail_days_aggregated') }}
),

known as (
    select
        as_ofs.as_of,
        days.*
    from as_ofs
    inner join days
        on
            {{ churn.is_known_day('days.occurred_date', 'days.loaded_date', 'as_ofs.as_of') }}
            and {{ churn.in_day_window('days.occurred_date', history_days, as_of='as_ofs.as_of') }}
),

described as (
    select
        *,
        {{ churn.days_since_previous() }} as days_since_previous,
        {{ churn.latest('occurred_date') }} as customer_last_date,
        {{ churn.latest('last_at') }} as customer_last_at
    from known
),

of_members as (
    select
        *,
        nullif(days_since_previous, 0) as gap_days,
        case when days_since_previous = 0 then 0 else 1 end as active_days
    from described
    where {{ churn.in_day_window('customer_last_date', 90) }}
)

select * from of_members
