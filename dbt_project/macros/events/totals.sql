{#-
  Features of the known days of a customer, to be asked of rows grouped by as_of and customer_id. *measure* is a column
  that adds up over days; a window is [as_of - days, as_of), or ended *ending_days_ago* days before the as_of.
-#}

{#- Condition: the day lies in that window. -#}
{%- macro in_days(days, ending_days_ago=0) -%}
{{ churn.in_day_window('occurred_date', days, ending_days_ago) }}
{%- endmacro -%}

{#- Sum of *measure* in a window, numeric; 0 where there was nothing. -#}
{%- macro sum_in(measure, days, ending_days_ago=0) -%}
coalesce(sum({{ measure }}) filter (where {{ churn.in_days(days, ending_days_ago) }}), 0)
{%- endmacro -%}

{#- How many in a window, and ever. -#}
{%- macro count_in(measure, days) -%}
cast({{ churn.sum_in(measure, days) }} as bigint)
{%- endmacro -%}

{%- macro count_ever(measure) -%}
cast(sum({{ measure }}) as bigint)
{%- endmacro -%}

{#- How much in a window, and ever; 0 where there was nothing. -#}
{%- macro amount_in(measure, days) -%}
cast({{ churn.sum_in(measure, days) }} as double precision)
{%- endmacro -%}

{%- macro amount_ever(measure) -%}
cast(coalesce(sum({{ measure }}), 0) as double precision)
{%- endmacro -%}

{#- The greatest in a window; NULL where there was nothing. -#}
{%- macro largest_in(measure, days) -%}
cast(max({{ measure }}) filter (where {{ churn.in_days(days) }}) as double precision)
{%- endmacro -%}

{#- *part* over *whole*, NULL where there is no whole; and the same in percent. -#}
{%- macro ratio(part, whole) -%}
cast(1.0 * {{ part }} / nullif({{ whole }}, 0) as double precision)
{%- endmacro -%}

{%- macro percent(part, whole) -%}
cast(100.0 * {{ part }} / nullif({{ whole }}, 0) as double precision)
{%- endmacro -%}

{%- macro mean_ever(measure, known) -%}
{{ churn.ratio('sum(' ~ measure ~ ')', 'sum(' ~ known ~ ')') }}
{%- endmacro -%}

{#- Both measures of the same window, or of a shorter window and a longer one. -#}
{%- macro ratio_in(part, whole, days) -%}
{{ churn.ratio(churn.sum_in(part, days), churn.sum_in(whole, days)) }}
{%- endmacro -%}

{%- macro percent_in(part, whole, days, whole_days=none) -%}
{{ churn.percent(churn.sum_in(part, days), churn.sum_in(whole, whole_days or days)) }}
{%- endmacro -%}

{#- The last window against the one before: what came to it, and how many times as much; NULL where there was none. -#}
{%- macro count_change_in(measure, days) -%}
cast({{ churn.sum_in(measure, days) }} - {{ churn.sum_in(measure, days, days) }} as bigint)
{%- endmacro -%}

{%- macro amount_change_in(measure, days) -%}
cast({{ churn.sum_in(measure, days) }} - {{ churn.sum_in(measure, days, days) }} as double precision)
{%- endmacro -%}

{%- macro trend_in(measure, days) -%}
{{ churn.ratio(churn.sum_in(measure, days), churn.sum_in(measure, days, days)) }}
{%- endmacro -%}

{#- Events more each week: least squares through the 12 weekly sums; weeks 1 to 12, so sum x = 78 and of x² = 650. -#}
{%- macro weekly_slope(measure) -%}
{%- set week = '(12 - (as_of - occurred_date - 1) / 7)' -%}
cast(
    (12 * {{ churn.sum_in(week ~ ' * ' ~ measure, 84) }} - 78 * {{ churn.sum_in(measure, 84) }}) / 1716.0
    as double precision
)
{%- endmacro -%}
