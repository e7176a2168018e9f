with source as (
    select * from {{ source('churn', 'subscriptions') }}
),

renamed as (
    select
        subscription_id,
        customer_id,
        {{ category('plan') }} as plan,
        {{ category('contract') }} as contract,
        {{ category('payment_method') }} as payment_method,
        monthly_fee_eur,
        started_at,
        contract_ends_at,
        ended_at,
        changed_at,
        loaded_at
    from source
    where {{ is_not_erased() }}
)

select * from renamed
