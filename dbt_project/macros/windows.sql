{#- Every comparison of a time with an as_of. Windows are half-open and in UTC, whatever the session's time zone. -#}

{#- The instant at which *day*, a date expression, begins in UTC. -#}
{%- macro midnight(day='as_of') -%}
(cast({{ day }} as timestamp) at time zone 'UTC')
{%- endmacro -%}

{#- The UTC date of an instant. -#}
{%- macro utc_date(instant) -%}
cast({{ instant }} at time zone 'UTC' as date)
{%- endmacro -%}

{#- Condition: it happened strictly before the as_of and the warehouse knew it strictly before the as_of. -#}
{%- macro is_known(happened_at, loaded_at='loaded_at', as_of='as_of') -%}
({{ happened_at }} < {{ churn.midnight(as_of) }} and {{ loaded_at }} < {{ churn.midnight(as_of) }})
{%- endmacro -%}

{#- The same for two UTC dates. -#}
{%- macro is_known_day(happened_date, loaded_date='loaded_date', as_of='as_of') -%}
({{ happened_date }} < {{ as_of }} and {{ loaded_date }} < {{ as_of }})
{%- endmacro -%}

{#-
  When a row of a customer and period was replaced, because a later load says another of the same; NULL of the newest. Of
  two that were loaded at once one counts, the same each time.
-#}
{%- macro replaced_at(period) -%}
lead(loaded_at) over (partition by customer_id, {{ period }} order by loaded_at, row_digest)
{%- endmacro -%}

{#- Condition: by the as_of nothing was known to replace it; *replaced_date* is NULL where nothing ever did. -#}
{%- macro is_not_replaced(replaced_date='replaced_date', as_of='as_of') -%}
coalesce({{ replaced_date }} >= {{ as_of }}, true)
{%- endmacro -%}

{#-
  Condition: what lasts through the day *last_date* is over, and the day after it as well, on which the next may begin:
  that one is known by then.
-#}
{%- macro is_over(last_date, as_of='as_of') -%}
({{ last_date }} + 1 < {{ as_of }})
{%- endmacro -%}

{#-
  Condition: *instant* lies in [as_of - days, as_of), or in the window of that length that ended *ending_days_ago*
  days before the as_of.
-#}
{%- macro in_window(instant, days, ending_days_ago=0, as_of='as_of') -%}
(
    {{ instant }} >= {{ churn.midnight(as_of ~ ' - ' ~ (days + ending_days_ago)) }}
    and {{ instant }} < {{ churn.midnight(as_of ~ ' - ' ~ ending_days_ago) }}
)
{%- endmacro -%}

{#- The same window for a *day* that is a UTC date already; dates compare ten times faster than instants. -#}
{%- macro in_day_window(day, days, ending_days_ago=0, as_of='as_of') -%}
({{ day }} >= {{ as_of }} - {{ days + ending_days_ago }} and {{ day }} < {{ as_of }} - {{ ending_days_ago }})
{%- endmacro -%}

{#- Whole days from *earlier* to *later*, both instants; bigint, rounded down. -#}
{%- macro days_between(earlier, later) -%}
cast(floor(extract(epoch from {{ later }} - {{ earlier }}) / 86400) as bigint)
{%- endmacro -%}

{#- The instant before which labels know: midnight of the variable `known_at`. -#}
{%- macro known_at() -%}
{{ churn.midnight("date '" ~ modules.datetime.date.fromisoformat(var('known_at') | string).isoformat() ~ "'") }}
{%- endmacro -%}
