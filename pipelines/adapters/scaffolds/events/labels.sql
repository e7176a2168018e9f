{%- set from_day = 'members.as_of + ' ~ var('gap_days', << log.gap_days >>) -%}
{%- set due_day = 'members.as_of + ' ~ (var('gap_days', << log.gap_days >>) + var('horizon_days', << log.horizon_days >>)) -%}

with members as (
    select
        as_of,
        customer_id
    from {{ ref('fct_<< log.population >>_features') }}
    where {{ churn.is_built() }}
),

-- Every date asked of is a midnight, so days say all that events do.
days as (
    select
        customer_id,
        {{ churn.utc_date('occurred_at') }} as occurred_date,
<% if log.label.column %>
        max(occurred_at) filter (where << log.label_stem >> = << log.label.level | sql >>) as left_at,
<% endif %>
        max(occurred_at) as last_at
    from {{ ref('<< log.staging >>') }}
    where loaded_at < {{ churn.known_at() }}<% if log.has_periods %> and coalesce(replaced_at >= {{ churn.known_at() }}, true)<% endif %>

    group by customer_id, occurred_date
),

judged as (
    select
        members.as_of,
        members.customer_id,
        {{ due_day }} as label_due_at,
<% if log.label.definition != "inactivity" %>
        -- Besides those who left in the horizon: those who had left before the as_of, which nobody knew then.
        count(days.left_at) filter (where days.occurred_date >= {{ from_day }}) > 0
        or {{ churn.has_left(
            'max(days.left_at) filter (where days.occurred_date < members.as_of)',
            'max(days.last_at) filter (where days.occurred_date < members.as_of)'
        ) }} as has_left<< "," if log.label.definition == "either" else "" >>
<% endif %>
<% if log.label.definition != "kind" %>
        count(days.last_at) filter (where days.occurred_date >= {{ from_day }}) = 0 as is_inactive
<% endif %>
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
                then << {"inactivity": "is_inactive", "kind": "has_left", "either": "has_left or is_inactive"}[log.label.definition] >>
        end as is_churned,
        label_due_at
    from judged
)

select * from labels
