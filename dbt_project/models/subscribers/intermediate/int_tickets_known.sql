with as_ofs as (
    {{ as_of_spine() }}
),

tickets as (
    select * from {{ ref('stg_churn__support_tickets') }}
    where
        -- One or the other, for each has an index: the greater of both has none.
        ({{ is_since_first('opened_at', 180) }} or {{ is_since_first('loaded_at', 180) }})
        and {{ is_before_last('loaded_at') }}
),

versions as materialized (
    select
        *,
        lead(loaded_at) over (
            partition by ticket_id
            order by
                loaded_at,
                resolved_at nulls first,
                satisfaction nulls first,
                priority,
                category,
                opened_at,
                customer_id
        ) as replaced_at
    from tickets
),

known as (
    select
        as_ofs.as_of,
        versions.ticket_id,
        versions.customer_id,
        versions.category,
        versions.priority,
        versions.opened_at,
        case when versions.resolved_at < {{ midnight('as_ofs.as_of') }} then versions.resolved_at end as resolved_at,
        -- A ticket is rated when it is resolved.
        case when versions.resolved_at < {{ midnight('as_ofs.as_of') }} then versions.satisfaction end as satisfaction
    from as_ofs
    inner join versions
        on
            {{ is_known('versions.opened_at', 'versions.loaded_at', 'as_ofs.as_of') }}
            and {{ in_window('versions.opened_at', 180, as_of='as_ofs.as_of') }}
            and (versions.replaced_at is null or versions.replaced_at >= {{ midnight('as_ofs.as_of') }})
)

select * from known
