select * from {{ source('<< name >>', '<< table.raw_table >>') }}
where {{ churn.is_not_erased() }}
