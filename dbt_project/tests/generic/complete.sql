{#-
  Every row has its identity and its times; without, it would drop out of every feature unseen. Asked of the rows
  loaded in the day before each as_of of this run: those before were asked on their day.
-#}
{% test complete(model, columns) %}
select
    {{ columns | join(',\n    ') }}
from {{ model }}
inner join ({{ churn.as_of_spine() }}) as as_ofs
    on {{ churn.in_window('loaded_at', 1, as_of='as_ofs.as_of') }}
where
    {%- for column in columns %}
    {{ 'or ' if not loop.first }}{{ column }} is null
    {%- endfor %}
{% endtest %}
