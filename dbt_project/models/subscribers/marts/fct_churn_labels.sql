{%- set definition = var('label_definition') -%}
{%- if definition not in ['contractual', 'inactivity', 'either'] -%}
{{ exceptions.raise_compiler_error("label_definition is '" ~ definition ~ "'; legal are contractual, inactivity, either") }}
{%- endif -%}
{%- set from_day = 'as_of + ' ~ var('gap_days') -%}
{%- set due_day = 'as_of + ' ~ (var('gap_days') + var('horizon_days')) -%}

with members as (
    select
        as_of,
        customer_id,
        {{ midnight() }} as as_of_at,
        {{ midnight(from_day) }} as from_at,
        {{ midnight(due_day) }} as due_at,
        {{ due_day }} as label_due_at
    from {{ ref('fct_customer_features') }}
    where {{ is_built() }}
),

matured as (
    select * from members
    where due_at <= {{ known_at() }}
),
{% if definition != 'inactivity' %}
subscriptions as (
    select distinct on (subscription_id)
        subscription_id,
        customer_id,
        started_at,
        coalesce(ended_at, 'infinity') as ended_at
    from {{ ref('stg_churn__subscriptions') }}
    where loaded_at < {{ known_at() }} and changed_at < {{ known_at() }}
    order by
        subscription_id,
        changed_at desc,
        loaded_at desc,
        ended_at desc nulls last,
        started_at desc,
        customer_id
),

-- Ends after which the customer had, within the allowance, no subscription that lasted longer.
departures as (
    select
        ended.customer_id,
        ended.ended_at
    from subscriptions as ended
    where
        ended.ended_at < {{ known_at() }}
        and not exists (
            select 1
            from subscriptions as continued
            where
                continued.customer_id = ended.customer_id
                and continued.subscription_id <> ended.subscription_id
                and continued.started_at
                <= ended.ended_at + {{ var('resignup_allowance_days') }} * interval '24 hours'
                and continued.ended_at > ended.ended_at
        )
),

-- Besides those who left in the horizon: those who had left before the as_of, which nobody knew then.
departed as (
    select distinct
        matured.as_of,
        matured.customer_id
    from matured
    inner join departures on matured.customer_id = departures.customer_id
    where
        departures.ended_at < matured.due_at
        and (
            departures.ended_at >= matured.from_at
            or (
                departures.ended_at <= matured.as_of_at
                and not exists (
                    select 1
                    from subscriptions as later
                    where
                        later.customer_id = matured.customer_id
                        and later.started_at < matured.as_of_at
                        and later.ended_at > departures.ended_at
                )
            )
        )
),
{% endif %}
{%- if definition != 'contractual' %}
active as (
    select distinct
        matured.as_of,
        matured.customer_id
    from matured
    inner join {{ ref('stg_churn__usage_events') }} as events
        on
            matured.customer_id = events.customer_id
            and events.occurred_at >= matured.from_at
            and events.occurred_at < matured.due_at
            and events.loaded_at < {{ known_at() }}
),
{% endif %}
labels as (
    select
        members.as_of,
        members.customer_id,
        case
            when members.due_at <= {{ known_at() }} then
            {%- if definition == 'contractual' %}
                departed.customer_id is not null
            {%- elif definition == 'inactivity' %}
                active.customer_id is null
            {%- else %}
                departed.customer_id is not null or active.customer_id is null
            {%- endif %}
        end as is_churned,
        members.label_due_at
    from members
    {%- if definition != 'inactivity' %}
    left join departed on members.as_of = departed.as_of and members.customer_id = departed.customer_id
    {%- endif %}
    {%- if definition != 'contractual' %}
    left join active on members.as_of = active.as_of and members.customer_id = active.customer_id
    {%- endif %}
)

select * from labels
