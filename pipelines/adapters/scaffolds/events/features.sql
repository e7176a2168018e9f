with days as (
    select * from {{ ref('int_<< log.population >>_days_known') }}
),

<% for kind in log.counted %>
<< kind.stem >>_kinds as (
    select * from {{ ref('int_<< log.population >>_<< kind.stem >>_counted') }}
),

<% endfor %>
<% if log.session is not none %>
sessions as (
    select * from {{ ref('int_<< log.population >>_sessions_measured') }}
),

<% endif %>
measured as (
    select
        as_of,
        customer_id,
<% for feature in features if feature.grain == "days" %>
        << ("{{ " ~ feature.expression ~ " }}") | column(feature.name) >><< "" if loop.last else "," >>
<% endfor %>
    from days
    group by as_of, customer_id
)<< "," if log.counted or log.session is not none else "" >>

<% if log.counted or log.session is not none %>
features as (
    select
        measured.*,
<% for feature in features if feature.grain != "days" %>
<% set column = (feature.source ~ "_kinds" if feature.source else "sessions") ~ "." ~ feature.name %>
<% set comma = "" if loop.last else "," %>
<% if feature.or_zero %>
        coalesce(<< column >>, 0) as << feature.name >><< comma >>
<% else %>
        << column >><< comma >>
<% endif %>
<% endfor %>
    from measured
<% for kind in log.counted %>
    left join << kind.stem >>_kinds
        on measured.as_of = << kind.stem >>_kinds.as_of and measured.customer_id = << kind.stem >>_kinds.customer_id
<% endfor %>
<% if log.session is not none %>
    left join sessions on measured.as_of = sessions.as_of and measured.customer_id = sessions.customer_id
<% endif %>
)

<% endif %>
<% set own = "features" if log.counted or log.session is not none else "measured" %>
<% if beside %>
<% include "beside/joined.sql" %>
<% else %>
select * from << own >>
<% endif %>
