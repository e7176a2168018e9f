with source as (
    select * from {{ source('retail', 'retail__online_retail') }}
),

renamed as (
    select
        customer_id,
        invoice_date as occurred_at,
        cast(quantity as double precision) as quantity,
        cast(unit_price as double precision) as unit_price,
        country,
        cast(invoice_no as text) as session_id,
        loaded_at
    from source
    where customer_id is not null and {{ churn.is_not_erased() }}
)

select * from renamed
