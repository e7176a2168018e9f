with as_ofs as (
    {{ churn.as_of_spine() }}
),

events as (
    select
        *,
        {{ churn.utc_date('occurred_at') }} as occurred_date,
        {{ churn.utc_date('loaded_at') }} as loaded_date
    from {{ ref('<< log.staging >>') }}
    where
        session_id is not null
        and {{ churn.is_since_first('occurred_at', << longest >>) }}
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
            and {{ churn.in_day_window('parts.occurred_date', << longest >>, as_of='as_ofs.as_of') }}
    group by as_ofs.as_of, parts.customer_id, parts.session_id
),

measured as (
    select
        as_of,
        customer_id,
<% for feature in features if feature.grain == "sessions" %>
        << ("{{ " ~ feature.expression ~ " }}") | column(feature.name) >><< "" if loop.last else "," >>
<% endfor %>
    from sessions
    group by as_of, customer_id
)

select * from measured
