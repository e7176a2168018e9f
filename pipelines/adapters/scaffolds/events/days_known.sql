<% if log.history_periods is not none %>
{#- Features look back so many periods at most, as names of columns say: those before the latest training date. -#}
{%- set history_periods = << log.history_periods >> -%}

<% endif %>
<% if log.history_days is not none %>
{#- Features look back so many days at most, as names of columns say: those before the latest training date. -#}
{%- set history_days = << log.history_days >> -%}

<% endif %>
with as_ofs as (
    {{ churn.as_of_spine() }}
),

days as (
    select * from {{ ref('int_<< log.population >>_days_aggregated') }}
),

known as (
    select
        as_ofs.as_of,
        days.*
    from as_ofs
<% if log.has_periods %>
    inner join days
        on
            {{ churn.is_known_day('days.occurred_date', 'days.loaded_date', 'as_ofs.as_of') }}
            and {{ churn.is_not_replaced('days.replaced_date', 'as_ofs.as_of') }}
<% elif log.history_days is not none %>
    inner join days
        on
            {{ churn.is_known_day('days.occurred_date', 'days.loaded_date', 'as_ofs.as_of') }}
            and {{ churn.in_day_window('days.occurred_date', history_days, as_of='as_ofs.as_of') }}
<% else %>
    inner join days on {{ churn.is_known_day('days.occurred_date', 'days.loaded_date', 'as_ofs.as_of') }}
<% endif %>
),

described as (
    select
        *,
        {{ churn.days_since_previous() }} as days_since_previous,
        {{ churn.latest('occurred_date') }} as customer_last_date,
<% if log.has_periods %>
        max(occurred_date) over (partition by as_of) as last_period,
        row_number() over (partition by as_of, customer_id order by occurred_date desc) - 1 as periods_ago,
<% endif %>
<% if log.label.column %>
        {{ churn.latest('left_at') }} as customer_left_at,
<% endif %>
        {{ churn.latest('last_at') }} as customer_last_at
    from known
),

of_members as (
    select
        *,
        nullif(days_since_previous, 0) as gap_days,
        case when days_since_previous = 0 then 0 else 1 end as active_days
    from described
<% set conditions = [] %>
<% if log.eligible_days is not none %>
<% set conditions = conditions + ["{{ churn.in_day_window('customer_last_date', " ~ log.eligible_days ~ ") }}"] %>
<% endif %>
<% if log.has_periods %>
<% set conditions = conditions + ["customer_last_date = last_period"] %>
<% if log.history_periods is not none %>
<% set conditions = conditions + ["periods_ago < {{ history_periods }}"] %>
<% endif %>
<% endif %>
<% if log.label.column %>
<% set conditions = conditions + ["not {{ churn.has_left('customer_left_at', 'customer_last_at') }}"] %>
<% endif %>
<% if conditions | length == 1 %>
    where << conditions[0] >>
<% elif conditions %>
    where
        << conditions | join("\n        and ") >>
<% endif %>
)

select * from of_members
