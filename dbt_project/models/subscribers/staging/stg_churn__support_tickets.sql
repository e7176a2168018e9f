with source as (
    select * from {{ source('churn', 'support_tickets') }}
),

renamed as (
    select
        ticket_id,
        customer_id,
        {{ category('category') }} as category,
        {{ category('priority') }} as priority,
        opened_at,
        resolved_at,
        satisfaction,
        loaded_at
    from source
    where {{ is_not_erased() }}
)

select * from renamed
