{#- The last of a customer's values: of the events of a day, and of the known days grouped by as_of and customer_id. -#}

{#- What the day's last event with a value of *column* says; of the same instant, what was known last. -#}
{%- macro last_in_day(column) -%}
(
            array_agg({{ column }} order by occurred_at desc, loaded_at desc, {{ column }} desc)
            filter (where {{ column }} is not null)
        )[1]
{%- endmacro -%}

{#- Whole days from the last known date or instant to the as_of; below 0 where it lies ahead. -#}
{%- macro days_since_date(measure) -%}
cast(as_of - {{ churn.utc_date(churn.last_ever(measure)) }} as bigint)
{%- endmacro -%}

{#- The last known day with a value of *measure*, which holds the last of each day; NULL where none has one. -#}
{%- macro last_ever(measure) -%}
(array_agg({{ measure }} order by occurred_date desc, loaded_date desc) filter (where {{ measure }} is not null))[1]
{%- endmacro -%}
