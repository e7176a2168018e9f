{#- What people typed, in one spelling: no outer blanks, lower case, `_` for blanks and hyphens. -#}
{%- macro spelling(column) -%}
{#- A regular expression would cost ten times as much a row. -#}
translate(lower(btrim({{ column }})), ' -', '__')
{%- endmacro -%}

{#- A category in one spelling, NULL for what stands for nothing. -#}
{%- macro category(column) -%}
case
    when {{ churn.spelling(column) }} not in ('', '_', 'n/a', 'na', 'nan', 'none', 'null', 'unknown')
        then {{ churn.spelling(column) }}
end
{%- endmacro -%}

{#- A category of many levels: *levels* as they are, in one spelling, and `other` for the rest of what is known. -#}
{%- macro commonest(column, levels) -%}
case
    {%- if levels %}
    when {{ churn.category(column) }} in (
        {%- for level in levels %}'{{ level | replace("'", "''") }}'{{ ', ' if not loop.last }}{% endfor -%}
    ) then {{ churn.category(column) }}
    {%- endif %}
    when {{ churn.category(column) }} is not null then 'other'
end
{%- endmacro -%}
