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
<% if log.session is not none %>
        cast(<< log.session | name >> as text) as session_id,
<% endif %>
        loaded_at
    from source
    where customer_id is not null and {{ churn.is_not_erased() }}
)

select * from renamed
