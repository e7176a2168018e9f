with as_ofs as (
    {{ churn.as_of_spine() }}
),

events as (
    select
        *,
        {{ churn.utc_date('occurred_at') }} as occurred_date,
        {{ churn.utc_date('loaded_at') }} as loaded_date
    from {{ ref('stg_retail__online_retail') }}
    where
        session_id is not null
        and {{ churn.is_since_first('occurred_at', 84) }}
        and {{ churn.is_before_last('occurred_at') }}
        and {{ churn.is_before_last('loaded_at') }}
),

parts as (
    select
        customer_id,
        session_id,
        occurred_date,
        loaded_date,
        count(*) as events,
        min(occurred_at) as first_at,
        max(occurred_at) as last_at
    from events
    group by customer_id, session_id, occurred_date, loaded_date
),

sessions as (
    select
        as_ofs.as_of,
        parts.customer_id,
        parts.session_id,
        max(parts.occurred_date) as occurred_date,
        sum(parts.events) as events,
        {{ churn.minutes_between('min(parts.first_at)', 'max(parts.last_at)') }} as minutes
    from as_ofs
    inner join parts
        on
            {{ churn.is_known_day('parts.occurred_date', 'parts.loaded_date', 'as_ofs.as_of') }}
            and {{ churn.in_day_window('parts.occurred_date', 84, as_of='as_ofs.as_of') }}
    group by as_ofs.as_of, parts.customer_id, parts.session_id
),

measured as (
    select
        as_of,
        customer_id,
        {{ churn.rows_in(7) }} as sessions_7d,
        {{ churn.rows_in(14) }} as sessions_14d,
        {{ churn.rows_in(28) }} as sessions_28d,
        {{ churn.rows_in(56) }} as sessions_56d,
        {{ churn.rows_in(84) }} as sessions_84d,
        {{ churn.row_change_in(28) }} as change_sessions_28d,
        {{ churn.row_trend_in(28) }} as trend_sessions_28d_ratio,
        {{ churn.mean_in('events', 28) }} as mean_session_events_28d,
        {{ churn.amount_in('minutes', 28) }} as session_minutes_28d,
        {{ churn.mean_in('minutes', 28) }} as mean_session_minutes_28d,
        {{ churn.largest_in('minutes', 28) }} as largest_session_minutes_28d,
        {{ churn.mean_in('events', 84) }} as mean_session_events_84d,
        {{ churn.amount_in('minutes', 84) }} as session_minutes_84d,
        {{ churn.mean_in('minutes', 84) }} as mean_session_minutes_84d,
        {{ churn.largest_in('minutes', 84) }} as largest_session_minutes_84d
    from sessions
    group by as_of, customer_id
)

select * from measured
