{#-
  Condition: the customer of *customer_id* was not erased. Every staging model ends with it, whatever date is built: who
  was erased is in no past either. A hashed NOT IN that keeps NULL: PostgreSQL does not even look at the column while
  nobody was erased, and with somebody erased XX.
-#}
{%- macro is_not_erased(customer_id='customer_id') -%}
(sha256(convert_to({{ customer_id }}, 'UTF8')) in (select customer_sha256 from {{ source('audit', 'erasures') }}))
is not true
{%- endmacro -%}
