{#-
  Minutes in sessions on the days that meet *condition*: 0 without a session, NULL when none of them was measured.
  Sessions without a length count as the mean of the others, so that a source that stops sending lengths shows as
  missing values and not as customers who use less.
-#}
{%- macro session_minutes(condition) -%}
cast(case
    when coalesce(sum(sessions) filter (where {{ condition }}), 0) = 0 then 0
    else
        sum(minutes) filter (where {{ condition }}) * sum(sessions) filter (where {{ condition }})
        / nullif(sum(measured_sessions) filter (where {{ condition }}), 0)
end as double precision)
{%- endmacro -%}
