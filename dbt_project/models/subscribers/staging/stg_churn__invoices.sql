with source as (
    select * from {{ source('churn', 'invoices') }}
),

renamed as (
    select
        invoice_id,
        customer_id,
        subscription_id,
        amount_eur,
        issued_at,
        due_at,
        paid_at,
        loaded_at
    from source
    where {{ is_not_erased() }}
)

select * from renamed
