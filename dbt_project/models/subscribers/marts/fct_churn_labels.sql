{%- set definition = var('label_definition') -%}
{%- if definition not in ['contractual', 'inactivity', 'either'] -%}
{{ exceptions.raise_compiler_error("label_definition '" ~ definition ~ "': legal are contractual, inactivity, either") }}
{%- endif -%}
{%- set reads_contracts = 'true' if definition in ['contractual', 'either'] else 'false' -%}
{%- set reads_usage = 'true' if definition in ['inactivity', 'either'] else 'false' -%}
{%- set due_day = 'as_of + ' ~ (var('gap_days') + var('horizon_days')) -%}

with members as (
    select
        as_of,
        customer_id,
        {{ midnight() }} as as_of_at,
        {{ midnight('as_of + ' ~ var('gap_days')) }} as from_at,
        {{ midnight(due_day) }} as due_at,
        {{ due_day }} as label_due_at
    from {{ ref('fct_customer_features') }}
    where {{ is_built() }}
),

departures as (
    select * from {{ ref('int_subscriptions_departures') }}
),

usage_events as (
    select * from {{ ref('stg_churn__usage_events') }}
    where
        loaded_at < {{ known_at() }}
        and {{ is_since_first('occurred_at', 0) }}
        and {{ reads_usage }}
),

-- Besides those who left in the horizon: those who had left before the as_of, which nobody knew then.
departed as (
    select distinct
        members.as_of,
        members.customer_id
    from members
    inner join departures
        on
            members.customer_id = departures.customer_id
            and members.due_at > departures.ended_at
    where
        departures.ended_at >= members.from_at
        or (
            departures.ended_at <= members.as_of_at
            and coalesce(departures.next_started_at >= members.as_of_at, true)
        )
),

active as (
    select distinct
        members.as_of,
        members.customer_id
    from members
    inner join usage_events
        on
            members.customer_id = usage_events.customer_id
            and members.from_at <= usage_events.occurred_at
            and members.due_at > usage_events.occurred_at
),

labels as (
    select
        members.as_of,
        members.customer_id,
        case
            when members.due_at <= {{ known_at() }}
                then
                    ({{ reads_contracts }} and departed.customer_id is not null)
                    or ({{ reads_usage }} and active.customer_id is null)
        end as is_churned,
        members.label_due_at
    from members
    left join departed on members.as_of = departed.as_of and members.customer_id = departed.customer_id
    left join active on members.as_of = active.as_of and members.customer_id = active.customer_id
)

select * from labels
