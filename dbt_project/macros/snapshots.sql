{#- Sources that say of each customer what holds now: a load has all of them, and replaces the one before it. -#}

{#-
  The rows of the latest load of *relation* that was known before each as_of of this run, with `as_of`. Which load is the
  latest is asked of all customers, also where the rest is asked of one (pipelines/adapters/dbt/compiled.py).
-#}
{%- macro latest_snapshot(relation) -%}
select
    latest.as_of,
    loaded.*
from (
    select
        as_ofs.as_of,
        max(known.loaded_at) as loaded_at
    from ({{ churn.as_of_spine() }}) as as_ofs
    inner join {{ relation }} /*of everybody*/ as known on {{ churn.is_known('known.loaded_at', 'known.loaded_at', 'as_ofs.as_of') }}
    group by as_ofs.as_of
) as latest
inner join {{ relation }} as loaded on latest.loaded_at = loaded.loaded_at
{%- endmacro -%}

{#-
  Who has left, as the source itself says beside the features: *label* of the latest load is *gone*. Known at once, so
  due on the as_of itself; NULL where the source does not say, or not yet.
-#}
{%- macro told_by_snapshot(features, relation, label, gone) -%}
select
    members.as_of,
    members.customer_id,
    case
        when told.loaded_at < {{ churn.known_at() }} then lower(btrim(told.{{ label }})) = '{{ gone | replace("'", "''") }}'
    end as is_churned,
    members.as_of as label_due_at
from {{ features }} as members
inner join ({{ churn.latest_snapshot(relation) }}) as told
    on members.as_of = told.as_of and members.customer_id = told.customer_id
where {{ churn.is_built('members.as_of') }}
{%- endmacro -%}
