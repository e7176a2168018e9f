with invoices as (
    select * from {{ ref('int_retail_invoices_summarised') }}
),

aggregated as (
    select
        as_of,
        customer_id,
        min(invoiced_at) as first_purchase_at,
        max(invoiced_at) as last_purchase_at,
        count(distinct invoice_no) as orders_total,
        count(distinct invoice_no) filter (where {{ in_window('invoiced_at', 30) }}) as orders_30d,
        count(distinct invoice_no) filter (where {{ in_window('invoiced_at', 90) }}) as orders_90d,
        count(distinct invoice_no) filter (where {{ in_window('invoiced_at', 90, 90) }}) as orders_90d_before,
        count(distinct {{ utc_date('invoiced_at') }}) as purchase_days_total,
        -- A purchase at the very beginning of a month is of that month, and none of ten.
        count(distinct {{ days_between('invoiced_at', midnight() ~ " - interval '1 microsecond'") }} / 30) filter (
            where {{ in_window('invoiced_at', 270) }}
        ) as active_months_270d,
        sum(amount_gbp) as amount_total_gbp,
        coalesce(sum(amount_gbp) filter (where {{ in_window('invoiced_at', 30) }}), 0) as amount_30d_gbp,
        coalesce(sum(amount_gbp) filter (where {{ in_window('invoiced_at', 90) }}), 0) as amount_90d_gbp,
        coalesce(sum(amount_gbp) filter (where {{ in_window('invoiced_at', 90, 90) }}), 0) as amount_90d_before_gbp,
        sum(invoice_lines) as lines_total,
        coalesce(sum(invoice_lines) filter (where {{ in_window('invoiced_at', 90) }}), 0) as lines_90d,
        bool_or(country = 'United Kingdom') as is_uk
    from invoices
    where is_purchase
    group by as_of, customer_id
)

select * from aggregated
