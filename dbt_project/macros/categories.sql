{#-
  A category as people typed it, in one spelling: no outer blanks, lower case, `_` for blanks and hyphens; NULL for
  what stands for nothing. `translate` because a regular expression costs ten times as much a row.
-#}
{%- macro category(column) -%}
case
    when lower(btrim({{ column }})) not in ('', '-', 'n/a', 'na', 'nan', 'none', 'null', 'unknown')
        then translate(lower(btrim({{ column }})), ' -', '__')
end
{%- endmacro -%}
