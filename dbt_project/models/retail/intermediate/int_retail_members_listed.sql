with invoices as (
    select * from {{ ref('int_retail_invoices_summarised') }}
),

members as (
    select distinct
        as_of,
        customer_id
    from invoices
    where is_purchase and {{ in_window('invoiced_at', 90) }}
)

select * from members
