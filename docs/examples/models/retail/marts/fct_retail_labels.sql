{%- set from_day = 'members.as_of + ' ~ var('gap_days', 0) -%}
{%- set due_day = 'members.as_of + ' ~ (var('gap_days', 0) + var('horizon_days', 90)) -%}

with members as (
    select
        as_of,
        customer_id
    from {{ ref('fct_retail_features') }}
    where {{ churn.is_built() }}
),

-- Every date asked of is a midnight, so days say all that events do.
days as (
    select
        customer_id,
        {{ churn.utc_date('occurred_at') }} as occurred_date,
        max(occurred_at) as last_at
    from {{ ref('stg_retail__online_retail') }}
    where loaded_at < {{ churn.known_at() }}
    group by customer_id, occurred_date
),

judged as (
    select
        members.as_of,
        members.customer_id,
        {{ due_day }} as label_due_at,
        count(days.last_at) filter (where days.occurred_date >= {{ from_day }}) = 0 as is_inactive
    from members
    left join days
        on
            members.customer_id = days.customer_id
            and {{ due_day }} > days.occurred_date
    group by members.as_of, members.customer_id
),

labels as (
    select
        as_of,
        customer_id,
        case
            when {{ churn.midnight('label_due_at') }} <= {{ churn.known_at() }}
                then is_inactive
        end as is_churned,
        label_due_at
    from judged
)

select * from labels
