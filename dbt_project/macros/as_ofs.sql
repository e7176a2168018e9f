{#-
  The dates this run builds, as SQL. They come from the variable `as_ofs` only: no model knows what day it is. Each
  stands between two marks, so that the same SQL can be asked of another date (pipelines/adapters/dbt/compiled.py).
-#}

{#- Dates of this run, as *sql* writes them, between their marks. -#}
{%- macro marked(sql) -%}
/*as_of*/ {{ sql }} /*as_of*/
{%- endmacro -%}

{#- One row per as_of of this run: `as_of` date. -#}
{%- macro as_of_spine() -%}
select distinct cast(spine.as_of as date) as as_of
from unnest(array[{{ churn.marked(churn.as_of_literals()) }}]::date[]) as spine (as_of)
{%- endmacro -%}

{#- Condition: *column* is one of this run's as_ofs. -#}
{%- macro is_built(column='as_of') -%}
{{ column }} = any(array[{{ churn.marked(churn.as_of_literals()) }}]::date[])
{%- endmacro -%}

{#-
  Conditions that narrow what is read to before the last as_of of this run, and to no more than *days* before its
  first. They never stand in for `is_known` or `in_window`.
-#}
{%- macro is_before_last(column) -%}
{%- set last = churn.marked("date '" ~ (churn.as_ofs_of_run().split(',') | last | default('1970-01-01', true)) ~ "'") -%}
{{ column }} < {{ churn.midnight(last) }}
{%- endmacro -%}

{%- macro is_since_first(column, days) -%}
{%- set first = churn.marked("date '" ~ (churn.as_ofs_of_run().split(',') | first | default('1970-01-01', true)) ~ "'") -%}
{{ column }} >= {{ churn.midnight(first ~ ' - ' ~ days) }}
{%- endmacro -%}

{#- Pre-hook: an as_of that yields fewer rows than before, or none, leaves no stale ones behind. -#}
{%- macro forget_as_ofs() -%}
{%- if is_incremental() -%}
delete from {{ this }} where {{ churn.is_built() }}
{%- endif -%}
{%- endmacro -%}

{#- Dates of the run, ascending, a comma between two. Models named `…_labels` and tests also see `label_as_ofs`. -#}
{%- macro as_ofs_of_run() -%}
{%- set has_labels = model is defined and (model.name.endswith('_labels') or model.resource_type == 'test') -%}
{{ (var('as_ofs') + (var('label_as_ofs') if has_labels else [])) | map('string') | unique | sort | join(',') }}
{%- endmacro -%}

{#- The same as quoted literals, ISO; anything else stops the compilation. -#}
{%- macro as_of_literals() -%}
{%- for as_of in churn.as_ofs_of_run().split(',') if as_of -%}
'{{ modules.datetime.date.fromisoformat(as_of).isoformat() }}'{{ ', ' if not loop.last }}
{%- endfor -%}
{%- endmacro -%}

{#-
  Pre-hook, for the transaction of the model: the planner believes that ranges of time keep a row in nine, takes merge
  and nested-loop joins for a handful of rows, and needed 25 s where hash joins need 3.
-#}
{%- macro prefer_hash_joins() -%}
set local enable_mergejoin = off; set local enable_nestloop = off; set local enable_hashagg = off; set local work_mem = '128MB'
{%- endmacro -%}

{#-
  The same for models made from a log, whose groups are many and guessed well enough to be hashed: half a million events
  and 8 as_ofs take 5.3 s of CPU instead of 6.2. Compiling 200 features takes 0.5 s a process, so dear plans only are.
-#}
{%- macro prefer_hashes() -%}
set local enable_mergejoin = off; set local enable_nestloop = off; set local work_mem = '128MB'; set local jit_above_cost = 1000000
{%- endmacro -%}
