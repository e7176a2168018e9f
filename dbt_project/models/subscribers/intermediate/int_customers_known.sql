with as_ofs as (
    {{ as_of_spine() }}
),

customers as materialized (
    select * from {{ ref('stg_churn__customers') }}
),

latest as (
    select distinct on (customers.customer_id, as_ofs.as_of)
        as_ofs.as_of,
        customers.customer_id,
        customers.country,
        customers.acquisition_channel,
        customers.has_marketing_consent,
        customers.signed_up_at,
        -- 1900 and years to come are what forms send when the field was skipped.
        case
            when extract(year from as_ofs.as_of) - customers.birth_year between 16 and 110
                then cast(extract(year from as_ofs.as_of) - customers.birth_year as bigint)
        end as age_years
    from as_ofs
    inner join customers
        on {{ is_known('customers.signed_up_at', 'customers.loaded_at', 'as_ofs.as_of') }}
    order by
        customers.customer_id asc,
        as_ofs.as_of asc,
        customers.loaded_at desc,
        customers.signed_up_at asc,
        customers.birth_year asc,
        customers.country asc,
        customers.acquisition_channel asc,
        customers.has_marketing_consent asc
)

select * from latest
