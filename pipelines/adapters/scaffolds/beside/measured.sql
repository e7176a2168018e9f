measured as (
    select
        as_of,
        customer_id,
<% for feature in beside.features %>
        << ("{{ " ~ feature.expression ~ " }}") | column(feature.name) >><< "" if loop.last else "," >>
<% endfor %>
    from << rows >>
    group by as_of, customer_id
)

select * from measured
