-- What the latest load known before as_of says of each customer.
with customers as (
    {{ churn.latest_snapshot(ref('stg_telco__customers')) }}
)

select
    as_of,
    customer_id,
    {{ churn.category('gender') }} as gender,
    senior_citizen,
    partner,
    dependents,
    tenure,
    phone_service,
    {{ churn.category('multiple_lines') }} as multiple_lines,
    {{ churn.category('internet_service') }} as internet_service,
    {{ churn.category('online_security') }} as online_security,
    {{ churn.category('online_backup') }} as online_backup,
    {{ churn.category('device_protection') }} as device_protection,
    {{ churn.category('tech_support') }} as tech_support,
    {{ churn.category('streaming_tv') }} as streaming_tv,
    {{ churn.category('streaming_movies') }} as streaming_movies,
    {{ churn.category('contract') }} as contract,
    paperless_billing,
    {{ churn.category('payment_method') }} as payment_method,
    monthly_charges,
    total_charges
from customers
