-- Changes whose time is the same are one state, told again: the version loaded last wins.
with as_ofs as (
    {{ as_of_spine() }}
),

subscriptions as materialized (
    select * from {{ ref('stg_churn__subscriptions') }}
),

states as (
    select distinct on (subscriptions.subscription_id, as_ofs.as_of, subscriptions.changed_at)
        as_ofs.as_of,
        subscriptions.*
    from as_ofs
    inner join subscriptions
        on
            {{ is_known('subscriptions.changed_at', 'subscriptions.loaded_at', 'as_ofs.as_of') }}
            and subscriptions.started_at < {{ midnight('as_ofs.as_of') }}
    order by
        subscriptions.subscription_id asc,
        as_ofs.as_of asc,
        subscriptions.changed_at asc,
        subscriptions.loaded_at desc,
        subscriptions.ended_at desc nulls last,
        subscriptions.started_at desc,
        subscriptions.customer_id asc,
        subscriptions.monthly_fee_eur asc,
        subscriptions.plan asc,
        subscriptions.contract asc,
        subscriptions.payment_method asc,
        subscriptions.contract_ends_at asc
),

compared as (
    select
        *,
        lag(monthly_fee_eur) over subscription_states as previous_monthly_fee_eur,
        lag(plan) over subscription_states as previous_plan,
        lag(payment_method) over subscription_states as previous_payment_method,
        lead(changed_at) over subscription_states is null as is_latest
    from states
    window subscription_states as (partition by subscription_id, as_of order by changed_at)
)

select * from compared
