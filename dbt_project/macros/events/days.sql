{#-
  What models made from a log say of one event. Every as_of is a midnight, so a customer's events
  are added up by the UTC dates of happening and of loading once, and every feature asks those days.
-#}

{#- Which quarter of its UTC day an instant lies in: 0 from 0 to 6 o'clock, 3 from 18 on; `extract` takes twice as long. -#}
{%- macro quarter_of_day(instant) -%}
cast(date_part('hour', {{ instant }} at time zone 'UTC') as integer) / 6
{%- endmacro -%}

{#- Sum of *amount*, as numeric: that adds up to the same digits in any order. -#}
{%- macro exact_sum(amount) -%}
sum(cast({{ amount }} as numeric))
{%- endmacro -%}

{#- Days from the active day before, NULL on the first; what was loaded late is a second row of its day, and has 0. -#}
{%- macro days_since_previous() -%}
occurred_date - lag(occurred_date) over (partition by as_of, customer_id order by occurred_date)
{%- endmacro -%}

{#- The greatest *value* of all days of the customer that are known at the as_of. -#}
{%- macro latest(value) -%}
max({{ value }}) over (partition by as_of, customer_id)
{%- endmacro -%}

{#- Condition: nothing happened after the event that ended it; an event of the same instant did not. -#}
{%- macro has_left(left_at='left_at', last_at='last_at') -%}
coalesce({{ left_at }} = {{ last_at }}, false)
{%- endmacro -%}
