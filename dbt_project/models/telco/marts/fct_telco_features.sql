with snapshots as (
    select * from {{ ref('int_telco_snapshots_known') }}
),

customers as (
    select * from {{ ref('stg_telco__customers') }}
),

known as (
    select
        snapshots.as_of,
        customers.*
    from snapshots
    inner join customers on snapshots.loaded_at = customers.loaded_at
),

counted as (
    select
        *,
        cast(online_security = 'yes' as integer)
        + cast(online_backup = 'yes' as integer)
        + cast(device_protection = 'yes' as integer)
        + cast(tech_support = 'yes' as integer) as protections,
        cast(streaming_tv = 'yes' as integer) + cast(streaming_movies = 'yes' as integer) as entertainments,
        cast(has_phone_service as integer)
        + cast(multiple_lines = 'yes' as integer)
        + cast(internet_service <> 'no' as integer) as connections,
        total_charge_usd / nullif(tenure_months, 0) as charge_per_tenure_month_usd
    from known
),

features as (
    select
        as_of,
        customer_id,
        gender,
        is_senior,
        has_partner,
        has_dependents,
        tenure_months,
        tenure_months < 12 as is_first_year,
        contract,
        has_paperless_billing,
        payment_method,
        is_payment_automatic,
        monthly_charge_usd,
        total_charge_usd,
        charge_per_tenure_month_usd,
        monthly_charge_usd - charge_per_tenure_month_usd as charge_above_own_mean_usd,
        has_phone_service,
        multiple_lines,
        internet_service,
        online_security,
        online_backup,
        device_protection,
        tech_support,
        streaming_tv,
        streaming_movies,
        cast(protections as bigint) as protections,
        cast(connections + protections + entertainments as bigint) as services,
        monthly_charge_usd / nullif(connections + protections + entertainments, 0) as charge_per_service_usd
    from counted
)

select * from features
