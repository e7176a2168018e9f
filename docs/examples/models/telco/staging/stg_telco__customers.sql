select * from {{ source('telco', 'telco__customers') }}
where {{ churn.is_not_erased() }}
