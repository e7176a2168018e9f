select * from {{ source('<< beside.table.population >>', '<< beside.table.raw_table >>') }}
where {{ churn.is_not_erased() }}
