{%- set due_day = 'members.as_of + ' ~ (var('gap_days', 0) + var('horizon_days', << label.days >>)) -%}

with members as (
    select
        as_of,
        customer_id
    from {{ ref('fct_<< name >>_features') }}
    where {{ churn.is_built() }}
),

told as (
    select * from {{ ref('int_<< name >>_rows') }}
),

<% if label.is_absence %>
-- The last day in each horizon of which the table has rows; it is filled every << every_days >> day(s), so an older one says nothing.
ends as (
    select
        members.as_of,
        max(told.as_of) as last_day
    from (select distinct as_of from members) as members
    inner join told
        on
            members.as_of < told.as_of
            and {{ due_day }} >= told.as_of
            and {{ due_day }} < told.as_of + << every_days >>
    group by members.as_of
),

<% endif %>
<% if label.column and not label.is_of_row %>
-- From the first day of the horizon on; who left in the gap is gone by then as well.
gone as (
    select distinct
        members.as_of,
        members.customer_id
    from members
    inner join told
        on
            members.customer_id = told.customer_id
            and members.as_of < told.as_of
            and {{ due_day }} >= told.as_of
    where told.is_told_gone
),

<% endif %>
judged as (
    select
        members.as_of,
        members.customer_id,
        {{ due_day }} as label_due_at,
<% if label.is_of_row %>
        told.is_told_gone as has_left
<% else %>
<% set flag = "gone.customer_id is not null" %>
<% set absent = "case when ends.last_day is not null then told.customer_id is null end" %>
        << flag ~ " or " ~ absent if label.column and label.is_absence else (flag if label.column else absent) >> as has_left
<% endif %>
    from members
<% if label.is_of_row %>
    left join told on members.as_of = told.as_of and members.customer_id = told.customer_id
<% endif %>
<% if label.column and not label.is_of_row %>
    left join gone on members.as_of = gone.as_of and members.customer_id = gone.customer_id
<% endif %>
<% if label.is_absence %>
    left join ends on members.as_of = ends.as_of
    left join told on ends.last_day = told.as_of and members.customer_id = told.customer_id
<% endif %>
)

select
    as_of,
    customer_id,
    case when {{ churn.midnight('label_due_at') }} <= {{ churn.known_at() }} then has_left end as is_churned,
    label_due_at
from judged
