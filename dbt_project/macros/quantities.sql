{#-
  Quantity used on the days that meet *condition*: 0 without an event, NULL when none of the events has a quantity.
  Events without one count as the mean of the others, so that a source that stops sending quantities shows as missing
  values and not as customers who use less.
-#}
{%- macro estimated_quantity(condition) -%}
case
    when coalesce(sum(events) filter (where {{ condition }}), 0) = 0 then 0
    else
        sum(quantity) filter (where {{ condition }}) * sum(events) filter (where {{ condition }})
        / nullif(sum(measured_events) filter (where {{ condition }}), 0)
end
{%- endmacro -%}
