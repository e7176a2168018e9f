{%- set from_day = 'members.as_of + ' ~ var('gap_days') -%}
{%- set due_day = 'members.as_of + ' ~ (var('gap_days') + var('horizon_days')) -%}

with members as (
    select
        as_of,
        customer_id
    from {{ ref('fct_retail_features') }}
    where {{ is_built() }}
),

purchases as (
    select distinct
        customer_id,
        invoiced_at
    from {{ ref('stg_retail__invoice_lines') }}
    where customer_id is not null and is_purchase and loaded_at < {{ known_at() }}
),

returned as (
    select distinct
        members.as_of,
        members.customer_id
    from members
    inner join purchases
        on
            members.customer_id = purchases.customer_id
            and purchases.invoiced_at >= {{ midnight(from_day) }}
            and purchases.invoiced_at < {{ midnight(due_day) }}
),

labels as (
    select
        members.as_of,
        members.customer_id,
        case
            when {{ midnight(due_day) }} <= {{ known_at() }} then returned.customer_id is null
        end as is_churned,
        {{ due_day }} as label_due_at
    from members
    left join returned on members.as_of = returned.as_of and members.customer_id = returned.customer_id
)

select * from labels
