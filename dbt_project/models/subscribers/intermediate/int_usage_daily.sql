-- Every as_of is a midnight, so the dates of happening and of loading say all that it asks: events are read and added
-- up once for all as_ofs. An event sent twice counts once, from its first loading on.
with as_ofs as (
    {{ as_of_spine() }}
),

events as (
    select distinct on (customer_id, occurred_date, event_id)
        customer_id,
        {{ utc_date('occurred_at') }} as occurred_date,
        event_id,
        event_type,
        quantity,
        {{ utc_date('loaded_at') }} as loaded_date
    from {{ ref('stg_churn__usage_events') }}
    where
        {{ is_since_first('occurred_at', 90) }}
        and {{ is_before_last('occurred_at') }}
        and {{ is_before_last('loaded_at') }}
    order by customer_id, occurred_date, event_id, loaded_at, event_type, quantity
),

days as materialized (
    select
        customer_id,
        occurred_date,
        loaded_date,
        count(*) as events,
        count(*) filter (where event_type = 'session') as sessions,
        count(quantity) filter (where event_type = 'session') as measured_sessions,
        sum(cast(quantity as numeric)) filter (where event_type = 'session') as minutes
    from events
    group by customer_id, occurred_date, loaded_date
),

known as (
    select
        as_ofs.as_of,
        days.*
    from as_ofs
    inner join days
        on
            {{ is_known_day('days.occurred_date', 'days.loaded_date', 'as_ofs.as_of') }}
            and {{ in_day_window('days.occurred_date', 90, as_of='as_ofs.as_of') }}
)

select * from known
