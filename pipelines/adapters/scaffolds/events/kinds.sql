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
        << kind.stem >> is not null
        and {{ churn.is_since_first('occurred_at', << longest >>) }}
        and {{ churn.is_before_last('occurred_at') }}
        and {{ churn.is_before_last('loaded_at') }}
),

days as (
    select distinct
        customer_id,
        << kind.stem >>,
        occurred_date,
        loaded_date
    from events
),

kinds as (
    select
        as_ofs.as_of,
        days.customer_id,
        days.<< kind.stem >>,
        max(days.occurred_date) as occurred_date
    from as_ofs
    inner join days
        on
            {{ churn.is_known_day('days.occurred_date', 'days.loaded_date', 'as_ofs.as_of') }}
            and {{ churn.in_day_window('days.occurred_date', << longest >>, as_of='as_ofs.as_of') }}
    group by as_ofs.as_of, days.customer_id, days.<< kind.stem >>
),

counted as (
    select
        as_of,
        customer_id,
<% for feature in features if feature.source == kind.stem %>
        << ("{{ " ~ feature.expression ~ " }}") | column(feature.name) >><< "" if loop.last else "," >>
<% endfor %>
    from kinds
    group by as_of, customer_id
)

select * from counted
