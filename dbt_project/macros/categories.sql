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
