with source as (
    select * from {{ source('retail', 'retail_invoice_lines') }}
),

-- 5,268 of the 541,909 published lines repeat another one in every column. Each is kept once: they are slips of the
-- till's export, and a later file that overlaps an earlier one can then be imported as it is.
deduplicated as (
    select
        invoice_no,
        stock_code,
        description,
        quantity,
        invoiced_at,
        unit_price,
        customer_id,
        country,
        min(loaded_at) as loaded_at
    from source
    where {{ is_not_erased() }}
    group by
        invoice_no,
        stock_code,
        description,
        quantity,
        invoiced_at,
        unit_price,
        customer_id,
        country
),

renamed as (
    select
        invoice_no,
        customer_id,
        stock_code,
        country,
        quantity,
        invoiced_at,
        loaded_at,
        cast(unit_price as numeric) as unit_price_gbp,
        quantity * cast(unit_price as numeric) as amount_gbp,
        starts_with(invoice_no, 'C') as is_cancellation,
        not starts_with(invoice_no, 'C') and quantity > 0 and unit_price > 0 as is_purchase
    from deduplicated
)

select * from renamed
