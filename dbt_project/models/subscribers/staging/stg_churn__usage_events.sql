with source as (
    select * from {{ source('churn', 'usage_events') }}
),

renamed as (
    select
        event_id,
        customer_id,
        {{ spelling('event_type') }} as event_type,
        quantity,
        occurred_at,
        loaded_at
    from source
    where {{ is_not_erased() }}
)

select * from renamed
