with contracts as (
    select * from {{ ref('<< log.known >>') }}
),

described as (
    select
        as_of,
        customer_id,
<% for item in current %>
        << item.expression | column(item.name) if item.expression != item.name else item.name >>,
<% endfor %>
        active,
        occurred_at,
        loaded_at,
        row_digest
    from contracts
),

-- Of those that run, the one begun last.
latest as (
    select distinct on (as_of, customer_id) * from described
    order by as_of asc, customer_id asc, active desc, occurred_at desc, loaded_at desc, row_digest asc
)<< "," if history or beside else "" >>

<% if history %>
measured as (
    select
        as_of,
        customer_id,
<% for feature in history %>
        << ("{{ " ~ feature.expression ~ " }}") | column(feature.name) >><< "" if loop.last else "," >>
<% endfor %>
    from contracts
    group by as_of, customer_id
)<< "," if beside else "" >>

<% endif %>
<% if beside %>
features as (
<% endif %>
<% set pad = "    " if beside else "" %>
<< pad >>select
<< pad >>    latest.as_of,
<< pad >>    latest.customer_id,
<% for item in current %>
<< pad >>    latest.<< item.name >><< "" if loop.last and not history else "," >>
<% endfor %>
<% for item in history %>
<< pad >>    measured.<< item.name >><< "" if loop.last else "," >>
<% endfor %>
<< pad >>from latest
<% if history %>
<< pad >>inner join measured on latest.as_of = measured.as_of and latest.customer_id = measured.customer_id
<% endif %>
<% if beside %>
)

<% set own = "features" %>
<% include "beside/joined.sql" %>
<% endif %>
