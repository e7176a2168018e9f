{%- set due_day = 'members.as_of + ' ~ (var('gap_days', << log.gap_days >>) + var('horizon_days', << log.horizon_days >>)) -%}

with members as (
    select
        as_of,
        customer_id
    from {{ ref('fct_<< log.population >>_features') }}
    where {{ churn.is_built() }}
),

begun as (
    select
        customer_id,
        row_of,
        min({{ churn.utc_date('occurred_at') }}) as occurred_date
    from {{ ref('<< log.staging >>') }}
    where loaded_at < {{ churn.known_at() }}
    group by customer_id, row_of
),

ended as (
    select
        customer_id,
        row_of,
        max({{ churn.utc_date('occurred_at') }}) as last_date
    from {{ ref('<< log.ended_staging >>') }}
    where loaded_at < {{ churn.known_at() }}
    group by customer_id, row_of
),

-- Who has no contract on the day the horizon ends has left: one that ended in it, and none that came after.
judged as (
    select
        members.as_of,
        members.customer_id,
        {{ due_day }} as label_due_at,
        count(begun.row_of) filter (where ended.row_of is null) = 0 as has_left
    from members
    left join begun
        on
            members.customer_id = begun.customer_id
            and {{ due_day }} > begun.occurred_date
    left join ended
        on
            begun.customer_id = ended.customer_id
            and begun.row_of = ended.row_of
            and {{ churn.is_over('ended.last_date', due_day) }}
    group by members.as_of, members.customer_id
),

labels as (
    select
        as_of,
        customer_id,
        case when {{ churn.midnight('label_due_at') }} <= {{ churn.known_at() }} then has_left end as is_churned,
        label_due_at
    from judged
)

select * from labels
