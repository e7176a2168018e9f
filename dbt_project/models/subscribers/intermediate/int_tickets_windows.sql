with tickets as (
    select * from {{ ref('int_tickets_known') }}
),

aggregated as (
    select
        as_of,
        customer_id,
        {%- for days in [7, 28, 90] %}
        count(*) filter (where {{ in_window('opened_at', days) }}) as tickets_{{ days }}d,
        {%- endfor %}
        count(*) filter (where {{ in_window('opened_at', 28, 28) }}) as tickets_previous_28d,
        count(*) filter (where priority in ('high', 'urgent') and {{ in_window('opened_at', 90) }})
            as urgent_tickets_90d,
        count(*) filter (where category = 'billing' and {{ in_window('opened_at', 90) }}) as billing_tickets_90d,
        count(*) filter (where category = 'cancellation' and {{ in_window('opened_at', 90) }})
            as cancellation_tickets_90d,
        count(*) filter (where satisfaction <= 2 and {{ in_window('opened_at', 90) }}) as low_rated_tickets_90d,
        count(*) filter (where resolved_at is null) as open_tickets,
        max({{ days_between('opened_at', midnight()) }}) filter (where resolved_at is null) as oldest_open_ticket_days,
        cast(
            avg(extract(epoch from resolved_at - opened_at) / 3600) filter (where {{ in_window('opened_at', 90) }})
            as double precision
        ) as resolution_90d_hours,
        cast(avg(satisfaction) as double precision) as satisfaction_180d,
        max(opened_at) as last_opened_at
    from tickets
    group by customer_id, as_of
)

select * from aggregated
