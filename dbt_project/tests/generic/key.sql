{#- Among the snapshots this run built, *columns* identify a row and none of them is NULL. -#}
{% test key(model, columns) %}
select {{ columns | join(', ') }}
from {{ model }}
where {{ churn.is_built() }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}
