with days as (
    select
        *,
        occurred_date - lag(occurred_date) over (partition by customer_id, as_of order by occurred_date)
            as days_since_previous
    from {{ ref('int_usage_daily') }}
),

described as (
    select
        *,
        -- What was loaded late is a second row of its day.
        coalesce(days_since_previous <> 0, true) as is_new_day,
        extract(isodow from occurred_date) in (6, 7) as is_weekend,
        -- Weeks counted back from the as_of: the newest is 12, the oldest 1.
        12 - (as_of - occurred_date - 1) / 7 as week
    from days
),

aggregated as (
    select
        as_of,
        customer_id,
        {%- for days in [7, 28, 90] %}
        coalesce(sum(events) filter (where {{ in_day_window('occurred_date', days) }}), 0) as events_{{ days }}d,
        {{ session_minutes(in_day_window('occurred_date', days)) }} as minutes_{{ days }}d,
        count(*) filter (where is_new_day and {{ in_day_window('occurred_date', days) }}) as active_days_{{ days }}d,
        {%- endfor %}
        coalesce(sum(events) filter (where {{ in_day_window('occurred_date', 28, 28) }}), 0) as events_previous_28d,
        count(*) filter (where is_new_day and {{ in_day_window('occurred_date', 28, 28) }}) as active_days_previous_28d,
        coalesce(sum(events) filter (where is_weekend and {{ in_day_window('occurred_date', 28) }}), 0)
            as weekend_events_28d,
        greatest(max(days_since_previous), as_of - max(occurred_date)) as longest_pause_90d_days,
        as_of - max(occurred_date) as days_since_last_usage,
        -- Least squares through the 12 weekly counts, weeks 1 to 12: sum x = 78, sum x squared = 650.
        cast((
            12 * coalesce(sum(week * events) filter (where {{ in_day_window('occurred_date', 84) }}), 0)
            - 78 * coalesce(sum(events) filter (where {{ in_day_window('occurred_date', 84) }}), 0)
        ) / 1716.0 as double precision) as weekly_events_slope_84d
    from described
    group by customer_id, as_of
)

select * from aggregated
