with source as (
    select * from {{ source('telco', 'telco_customers') }}
),

renamed as (
    select
        customer_id,
        {{ category('gender') }} as gender,
        senior_citizen = 1 as is_senior,
        partner = 'Yes' as has_partner,
        dependents = 'Yes' as has_dependents,
        cast(tenure as bigint) as tenure_months,
        phone_service = 'Yes' as has_phone_service,
        {{ category('multiple_lines') }} as multiple_lines,
        {{ category('internet_service') }} as internet_service,
        {{ category('online_security') }} as online_security,
        {{ category('online_backup') }} as online_backup,
        {{ category('device_protection') }} as device_protection,
        {{ category('tech_support') }} as tech_support,
        {{ category('streaming_tv') }} as streaming_tv,
        {{ category('streaming_movies') }} as streaming_movies,
        {{ category('contract') }} as contract,
        paperless_billing = 'Yes' as has_paperless_billing,
        {{ category("replace(payment_method, ' (automatic)', '')") }} as payment_method,
        payment_method like '%(automatic)' as is_payment_automatic,
        monthly_charges as monthly_charge_usd,
        total_charges as total_charge_usd,
        churn = 'Yes' as is_churned,
        loaded_at
    from source
    where {{ is_not_erased() }}
)

select * from renamed
