-- The file itself says who has left, so a label is due at once. It comes from the file the features came from.
with members as (
    select
        as_of,
        customer_id
    from {{ ref('fct_telco_features') }}
    where {{ is_built() }}
),

customers as (
    select * from {{ ref('stg_telco__customers') }}
),

labels as (
    select distinct on (members.as_of, members.customer_id)
        members.as_of,
        members.customer_id,
        case when customers.loaded_at < {{ known_at() }} then customers.is_churned end as is_churned,
        members.as_of as label_due_at
    from members
    inner join customers
        on
            members.customer_id = customers.customer_id
            and {{ is_known('customers.loaded_at', 'customers.loaded_at', 'members.as_of') }}
    order by members.as_of asc, members.customer_id asc, customers.loaded_at desc
)

select * from labels
