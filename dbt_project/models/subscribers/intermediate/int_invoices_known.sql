-- Which version of an invoice was known when is worked out once for all as_ofs: a version is known from its loading
-- until the next one's.
with as_ofs as (
    {{ as_of_spine() }}
),

invoices as (
    select * from {{ ref('stg_churn__invoices') }}
    where
        -- One or the other, for each has an index: the greater of both has none.
        ({{ is_since_first('issued_at', 180) }} or {{ is_since_first('loaded_at', 180) }})
        and {{ is_before_last('loaded_at') }}
),

versions as materialized (
    select
        *,
        lead(loaded_at) over (
            partition by invoice_id
            order by loaded_at, paid_at nulls first, amount_eur, issued_at, due_at, customer_id, subscription_id
        ) as replaced_at
    from invoices
),

known as (
    select
        as_ofs.as_of,
        versions.invoice_id,
        versions.customer_id,
        versions.amount_eur,
        versions.issued_at,
        versions.due_at,
        case when versions.paid_at < {{ midnight('as_ofs.as_of') }} then versions.paid_at end as paid_at
    from as_ofs
    inner join versions
        on
            {{ is_known('versions.issued_at', 'versions.loaded_at', 'as_ofs.as_of') }}
            and {{ in_window('versions.issued_at', 180, as_of='as_ofs.as_of') }}
            and (versions.replaced_at is null or versions.replaced_at >= {{ midnight('as_ofs.as_of') }})
)

select * from known
