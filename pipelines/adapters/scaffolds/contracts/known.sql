with as_ofs as (
    {{ churn.as_of_spine() }}
),

begun as (
    select * from {{ ref('<< log.staging >>') }}
    where {{ churn.is_before_last('occurred_at') }} and {{ churn.is_before_last('loaded_at') }}
),

ended as (
    select
        *,
        {{ churn.utc_date('occurred_at') }} as last_date,
        {{ churn.utc_date('loaded_at') }} as loaded_date
    from {{ ref('<< log.ended_staging >>') }}
    where {{ churn.is_before_last('occurred_at') }} and {{ churn.is_before_last('loaded_at') }}
),

-- What a later load says of a contract replaces what was known before, from then on.
latest as (
    select distinct on (as_ofs.as_of, begun.customer_id, begun.row_of)
        as_ofs.as_of,
        begun.*
    from as_ofs
    inner join begun on {{ churn.is_known('begun.occurred_at', 'begun.loaded_at', 'as_ofs.as_of') }}
    order by
        as_ofs.as_of asc, begun.customer_id asc, begun.row_of asc, begun.loaded_at desc, begun.occurred_at desc,
        begun.row_digest asc
),

done as (
    select
        as_ofs.as_of,
        ended.customer_id,
        ended.row_of,
        max(ended.last_date) as last_date
    from as_ofs
    inner join ended
        on
            {{ churn.is_known_day('ended.last_date', 'ended.loaded_date', 'as_ofs.as_of') }}
            and {{ churn.is_over('ended.last_date', 'as_ofs.as_of') }}
    group by as_ofs.as_of, ended.customer_id, ended.row_of
),

known as (
    select
        latest.*,
        done.last_date,
        {{ churn.utc_date('latest.occurred_at') }} as occurred_date,
        1 as events,
        case when done.last_date is null then 1 else 0 end as active
    from latest
    left join done
        on latest.as_of = done.as_of and latest.customer_id = done.customer_id and latest.row_of = done.row_of
),

members as (
    select
        as_of,
        customer_id
    from known
    group by as_of, customer_id
<% if log.eligible_days is none %>
    having max(active) = 1
<% else %>
    having max(active) = 1 and {{ churn.in_day_window('max(occurred_date)', << log.eligible_days >>) }}
<% endif %>
),

of_members as (
    select known.*
    from known
    inner join members on known.as_of = members.as_of and known.customer_id = members.customer_id
)

select * from of_members
