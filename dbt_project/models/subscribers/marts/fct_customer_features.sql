with members as (
    select * from {{ ref('int_subscriptions_current') }}
),

customers as (
    select * from {{ ref('int_customers_known') }}
),

changes as (
    select * from {{ ref('int_subscriptions_changes') }}
),

invoices as (
    select * from {{ ref('int_invoices_behaviour') }}
),

usage_windows as (
    select * from {{ ref('int_usage_windows') }}
),

tickets as (
    select * from {{ ref('int_tickets_windows') }}
),

features as (
    select
        members.as_of,
        members.customer_id,

        -- tenure and contract
        {{ days_between('customers.signed_up_at', midnight('members.as_of')) }} as customer_tenure_days,
        {{ days_between('members.started_at', midnight('members.as_of')) }} as subscription_tenure_days,
        members.ended_subscriptions as previous_subscriptions,
        {{ days_between('members.previous_ended_at', 'members.started_at') }} as days_away_before_return,
        members.plan,
        members.contract,
        members.payment_method,
        {{ days_between(midnight('members.as_of'), 'members.contract_ends_at') }} as days_to_contract_end,
        coalesce(members.contract_ends_at < {{ midnight('members.as_of + 30') }}, true) as is_contract_ending_30d,
        members.ended_at is not null as has_announced_end,
        changes.plan_changes_365d,
        {{ days_between('changes.last_plan_change_at', midnight('members.as_of')) }} as days_since_plan_change,
        changes.payment_method_changes_365d,
        customers.age_years,
        customers.country,
        customers.acquisition_channel,
        customers.has_marketing_consent,

        -- price
        cast(members.total_monthly_fee_eur as double precision) as monthly_fee_eur,
        changes.fee_increases_365d,
        changes.fee_decreases_365d,
        coalesce(changes.fee_change_90d_eur, 0) as fee_change_90d_eur,
        coalesce(changes.last_fee_change_pct, 0) as last_fee_change_pct,
        cast(
            100 * (members.monthly_fee_eur / nullif(changes.first_monthly_fee_eur, 0) - 1) as double precision
        ) as fee_change_since_start_pct,
        {{ days_between('changes.last_fee_increase_at', midnight('members.as_of')) }} as days_since_fee_increase,
        cast(
            members.total_monthly_fee_eur / (1 + coalesce(usage_windows.active_days_28d, 0)) as double precision
        ) as fee_per_active_day_28d_eur,

        -- payment behaviour
        invoices.last_invoice_eur,
        coalesce(invoices.late_invoices_90d, 0) as late_invoices_90d,
        coalesce(invoices.late_invoices_180d, 0) as late_invoices_180d,
        invoices.late_invoices_180d_pct,
        coalesce(invoices.is_last_invoice_late, false) as is_last_invoice_late,
        invoices.days_to_pay_180d,
        coalesce(invoices.longest_delay_180d_days, 0) as longest_delay_180d_days,
        coalesce(invoices.overdue_invoices, 0) as overdue_invoices,
        coalesce(invoices.overdue_eur, 0) as overdue_eur,
        coalesce(invoices.oldest_overdue_days, 0) as oldest_overdue_days,
        {{ days_between('invoices.last_paid_at', midnight('members.as_of')) }} as days_since_last_payment,

        -- usage
        {%- for days in [7, 28, 90] %}
        cast(coalesce(usage_windows.events_{{ days }}d, 0) as bigint) as usage_events_{{ days }}d,
        {%- endfor %}
        {%- for days in [7, 28, 90] %}
        case when usage_windows.customer_id is null then 0 else usage_windows.minutes_{{ days }}d end
            as session_minutes_{{ days }}d,
        {%- endfor %}
        {%- for days in [7, 28, 90] %}
        coalesce(usage_windows.active_days_{{ days }}d, 0) as active_days_{{ days }}d,
        {%- endfor %}
        cast(
            100.0 * usage_windows.weekend_events_28d / nullif(usage_windows.events_28d, 0) as double precision
        ) as weekend_usage_28d_pct,

        -- usage trend and recency
        cast(coalesce(usage_windows.events_7d - usage_windows.events_28d / 4.0, 0) as double precision)
            as usage_events_7d_vs_28d,
        cast(coalesce(usage_windows.events_28d - usage_windows.events_previous_28d, 0) as bigint)
            as usage_events_change_28d,
        cast(
            100.0 * usage_windows.events_28d / nullif(usage_windows.events_previous_28d, 0) - 100 as double precision
        ) as usage_events_change_28d_pct,
        coalesce(usage_windows.active_days_28d - usage_windows.active_days_previous_28d, 0)
            as active_days_change_28d,
        coalesce(usage_windows.weekly_events_slope_84d, 0) as weekly_events_slope_84d,
        cast(usage_windows.days_since_last_usage as bigint) as days_since_last_usage,
        cast(usage_windows.longest_pause_90d_days as bigint) as longest_pause_90d_days,

        -- support
        {%- for days in [7, 28, 90] %}
        coalesce(tickets.tickets_{{ days }}d, 0) as support_tickets_{{ days }}d,
        {%- endfor %}
        coalesce(tickets.tickets_28d - tickets.tickets_previous_28d, 0) as support_tickets_change_28d,
        coalesce(tickets.urgent_tickets_90d, 0) as urgent_tickets_90d,
        coalesce(tickets.billing_tickets_90d, 0) as billing_tickets_90d,
        coalesce(tickets.cancellation_tickets_90d, 0) as cancellation_tickets_90d,
        coalesce(tickets.low_rated_tickets_90d, 0) as low_rated_tickets_90d,
        coalesce(tickets.open_tickets, 0) as open_tickets,
        coalesce(tickets.oldest_open_ticket_days, 0) as oldest_open_ticket_days,
        tickets.resolution_90d_hours,
        tickets.satisfaction_180d,
        {{ days_between('tickets.last_opened_at', midnight('members.as_of')) }} as days_since_last_ticket,

        -- seasonality
        cast(extract(month from members.as_of) as bigint) as calendar_month,
        extract(month from members.as_of) in (11, 12) as is_holiday_season,
        cast(extract(month from customers.signed_up_at at time zone 'UTC') as bigint) as signup_month,
        cast(members.as_of - {{ utc_date('members.started_at') }} as bigint) % 365 as days_since_anniversary
    from members
    left join customers on members.as_of = customers.as_of and members.customer_id = customers.customer_id
    left join changes on members.as_of = changes.as_of and members.subscription_id = changes.subscription_id
    left join invoices on members.as_of = invoices.as_of and members.customer_id = invoices.customer_id
    left join usage_windows
        on members.as_of = usage_windows.as_of and members.customer_id = usage_windows.customer_id
    left join tickets on members.as_of = tickets.as_of and members.customer_id = tickets.customer_id
)

select * from features
