with customers as (
    select * from {{ ref('stg_telco__customers') }}
),

as_ofs as (
    {{ as_of_spine() }}
),

-- A file holds all customers, so the latest one that was known replaces those before it.
snapshots as (
    select
        as_ofs.as_of,
        max(customers.loaded_at) as loaded_at
    from as_ofs
    inner join customers on {{ is_known('customers.loaded_at', 'customers.loaded_at', 'as_ofs.as_of') }}
    group by as_ofs.as_of
)

select * from snapshots
