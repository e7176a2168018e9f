<% set left = log.label.told_by %>
with source as (
    select * from {{ source('<< log.population >>', '<< log.raw_table >>') }}
),

renamed as (
    select
        customer_id,
<% if log.is_dated %>
        {{ churn.midnight('<< log.happened_at | name >>') }} as occurred_at,
<% elif log.happened_at == 'occurred_at' %>
        occurred_at,
<% else %>
        << log.happened_at | name >> as occurred_at,
<% endif %>
<% for kind in log.kinds %>
        cast(<< kind.column | name >> as text) as << kind.stem >>,
<% endfor %>
<% for amount in log.amounts %>
        cast(<< amount.column | name >> as double precision) as << amount.stem >>,
<% endfor %>
<% for each in log.attributes %>
<% if each.type == 'date' %>
        {{ churn.midnight('<< each.column | name >>') }} as << each.stem >>,
<% else %>
        << each.column | name >><% if each.column != each.stem %> as << each.stem >><% endif %>,
<% endif %>
<% endfor %>
<% if log.session is not none %>
        cast(<< log.session | name >> as text) as session_id,
<% endif %>
<% if left %>
        << log.table | sql >> as row_of,
<% endif %>
<% if log.has_periods %>
        loaded_at,
        {{ churn.replaced_at(<% if log.is_dated %>'<< log.happened_at | name >>'<% else %>churn.utc_date('<< log.happened_at | name >>')<% endif %>) }} as replaced_at
<% else %>
        loaded_at
<% endif %>
    from source
    where customer_id is not null and {{ churn.is_not_erased() }}
)<< "," if left else "" >>

<% if left %>
-- Those who left, by rows of their own.
leaving as (
    select
        customer_id,
<% if left.is_dated %>
        {{ churn.midnight('<< left.happened_at | name >>') }} as occurred_at,
<% else %>
        << left.happened_at | name >> as occurred_at,
<% endif %>
<% for kind in log.kinds %>
        cast(null as text) as << kind.stem >>,
<% endfor %>
<% for amount in log.amounts %>
        cast(null as double precision) as << amount.stem >>,
<% endfor %>
<% for each in log.attributes %>
        cast(null as << each.staged_type >>) as << each.stem >>,
<% endfor %>
<% if log.session is not none %>
        cast(null as text) as session_id,
<% endif %>
        << left.table | sql >> as row_of,
<% if log.has_periods %>
        loaded_at,
        cast(null as timestamptz) as replaced_at
<% else %>
        loaded_at
<% endif %>
    from {{ source('<< log.population >>', '<< left.raw_table >>') }}
    where
        customer_id is not null
        and {{ churn.is_not_erased() }}
<% if left.column %>
        and << left.column | name >> = << left.level | sql >>
<% endif %>
)

select * from renamed
union all
select * from leaving
<% else %>
select * from renamed
<% endif %>
