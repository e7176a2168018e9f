with states as (
    select * from {{ ref('int_subscriptions_known') }}
),

changes as (
    select
        as_of,
        subscription_id,
        changed_at,
        monthly_fee_eur - previous_monthly_fee_eur as fee_change_eur,
        monthly_fee_eur,
        previous_monthly_fee_eur,
        plan <> previous_plan as is_plan_change,
        payment_method <> previous_payment_method as is_payment_method_change
    from states
),

aggregated as (
    select
        as_of,
        subscription_id,
        count(*) filter (where fee_change_eur > 0 and {{ in_window('changed_at', 365) }}) as fee_increases_365d,
        count(*) filter (where fee_change_eur < 0 and {{ in_window('changed_at', 365) }}) as fee_decreases_365d,
        count(*) filter (where is_plan_change and {{ in_window('changed_at', 365) }}) as plan_changes_365d,
        count(*) filter (where is_payment_method_change and {{ in_window('changed_at', 365) }})
            as payment_method_changes_365d,
        cast(sum(fee_change_eur) filter (where {{ in_window('changed_at', 90) }}) as double precision)
            as fee_change_90d_eur,
        max(changed_at) filter (where fee_change_eur > 0) as last_fee_increase_at,
        max(changed_at) filter (where is_plan_change) as last_plan_change_at,
        (
            array_agg(
                cast(100 * fee_change_eur / nullif(previous_monthly_fee_eur, 0) as double precision)
                order by changed_at desc
            ) filter (where fee_change_eur <> 0)
        )[1] as last_fee_change_pct,
        (array_agg(monthly_fee_eur order by changed_at) filter (where monthly_fee_eur is not null))[1]
            as first_monthly_fee_eur
    from changes
    group by subscription_id, as_of
)

select * from aggregated
