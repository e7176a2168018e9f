with subscriptions as (
    select distinct on (subscription_id)
        subscription_id,
        customer_id,
        started_at,
        coalesce(ended_at, 'infinity') as ended_at
    from {{ ref('stg_churn__subscriptions') }}
    where loaded_at < {{ known_at() }} and changed_at < {{ known_at() }}
    order by
        subscription_id asc,
        changed_at desc,
        loaded_at desc,
        ended_at desc nulls last,
        started_at desc,
        customer_id asc
),

ends as (
    select
        ended.customer_id,
        ended.ended_at,
        min(later.started_at) as next_started_at
    from subscriptions as ended
    left join subscriptions as later
        on
            ended.customer_id = later.customer_id
            and ended.ended_at < later.ended_at
    where ended.ended_at < {{ known_at() }}
    group by ended.customer_id, ended.ended_at
),

departures as (
    select * from ends
    where
        next_started_at is null
        or next_started_at > ended_at + {{ var('resignup_allowance_days') }} * interval '24 hours'
)

select * from departures
