with invoices as (
    select
        *,
        {{ midnight() }} as as_of_at
    from {{ ref('int_invoices_known') }}
),

judged as (
    select
        *,
        {{ in_window('issued_at', 90) }} as is_issued_90d,
        paid_at is null and due_at < as_of_at as is_overdue,
        coalesce(paid_at, as_of_at) > due_at and due_at < as_of_at as is_late,
        greatest({{ days_between('due_at', 'coalesce(paid_at, as_of_at)') }}, 0) as days_late,
        extract(epoch from paid_at - issued_at) / 86400 as days_to_pay,
        row_number() over (
            partition by customer_id, as_of
            order by issued_at desc, invoice_id desc
        ) as recency_rank
    from invoices
),

aggregated as (
    select
        as_of,
        customer_id,
        count(*) filter (where is_late and is_issued_90d) as late_invoices_90d,
        count(*) filter (where is_late) as late_invoices_180d,
        cast(
            100.0 * count(*) filter (where is_late) / nullif(count(*) filter (where due_at < as_of_at), 0)
            as double precision
        ) as late_invoices_180d_pct,
        cast(avg(days_to_pay) as double precision) as days_to_pay_180d,
        max(days_late) filter (where is_late) as longest_delay_180d_days,
        count(*) filter (where is_overdue) as overdue_invoices,
        cast(sum(amount_eur) filter (where is_overdue) as double precision) as overdue_eur,
        max(days_late) filter (where is_overdue) as oldest_overdue_days,
        max(paid_at) as last_paid_at,
        cast(max(amount_eur) filter (where recency_rank = 1) as double precision) as last_invoice_eur,
        bool_or(is_late) filter (where recency_rank = 1) as is_last_invoice_late
    from judged
    group by customer_id, as_of
)

select * from aggregated
