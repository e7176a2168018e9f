with invoices as (
    select * from {{ ref('int_retail_invoices_summarised') }}
),

purchase_days as (
    select distinct
        as_of,
        customer_id,
        {{ utc_date('invoiced_at') }} as purchase_date
    from invoices
    where is_purchase
),

gaps as (
    select
        as_of,
        customer_id,
        purchase_date,
        purchase_date - lag(purchase_date) over (
            partition by as_of, customer_id
            order by purchase_date
        ) as gap_days
    from purchase_days
),

measured as (
    select
        as_of,
        customer_id,
        avg(gap_days) as gap_mean_days,
        (array_agg(gap_days order by purchase_date desc))[1] as gap_last_days
    from gaps
    group by as_of, customer_id
)

select * from measured
