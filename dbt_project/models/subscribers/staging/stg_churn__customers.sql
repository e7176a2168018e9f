with source as (
    select * from {{ source('churn', 'customers') }}
),

renamed as (
    select
        customer_id,
        {{ category('country') }} as country,
        birth_year,
        {{ category('acquisition_channel') }} as acquisition_channel,
        has_marketing_consent,
        signed_up_at,
        loaded_at
    from source
    where {{ is_not_erased() }}
)

select * from renamed
