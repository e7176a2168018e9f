-- Lines without a customer belong to nobody's history.
with lines as (
    select *
    from {{ ref('stg_retail__invoice_lines') }}
    where customer_id is not null and (is_purchase or is_cancellation) and {{ is_before_last('invoiced_at') }}
),

as_ofs as (
    {{ as_of_spine() }}
),

-- Amounts are summed as numeric, which adds up to the same digits in any order.
invoices as (
    select
        customer_id,
        invoice_no,
        country,
        is_purchase,
        is_cancellation,
        invoiced_at,
        loaded_at,
        count(*) as invoice_lines,
        sum(quantity) as quantity,
        sum(amount_gbp) as amount_gbp
    from lines
    group by customer_id, invoice_no, country, is_purchase, is_cancellation, invoiced_at, loaded_at
),

known as (
    select
        as_ofs.as_of,
        invoices.*
    from as_ofs
    inner join invoices on {{ is_known('invoices.invoiced_at', 'invoices.loaded_at', 'as_ofs.as_of') }}
)

select * from known
