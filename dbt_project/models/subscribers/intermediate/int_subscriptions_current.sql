with states as (
    select * from {{ ref('int_subscriptions_known') }}
    where is_latest
),

counted as (
    select
        *,
        sum(monthly_fee_eur) filter (where is_active) over customer_subscriptions as total_monthly_fee_eur,
        count(*) filter (where not is_active) over customer_subscriptions as ended_subscriptions,
        max(ended_at) filter (where not is_active) over customer_subscriptions as previous_ended_at,
        row_number() over (
            partition by customer_id, as_of
            order by is_active desc, started_at desc, subscription_id desc
        ) as recency_rank
    from (
        select
            *,
            ended_at is null or ended_at > {{ midnight() }} as is_active
        from states
    ) as states_today
    window customer_subscriptions as (partition by customer_id, as_of)
),

current_subscriptions as (
    select *
    from counted
    where is_active and recency_rank = 1
)

select * from current_subscriptions
