with invoices as (
    select * from {{ ref('int_retail_invoices_summarised') }}
),

aggregated as (
    select
        as_of,
        customer_id,
        count(distinct invoice_no) as cancellations_total,
        count(distinct invoice_no) filter (where {{ in_window('invoiced_at', 90) }}) as cancellations_90d
    from invoices
    where is_cancellation
    group by as_of, customer_id
)

select * from aggregated
