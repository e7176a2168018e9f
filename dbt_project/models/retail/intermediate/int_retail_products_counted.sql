with lines as (
    select *
    from {{ ref('stg_retail__invoice_lines') }}
    where customer_id is not null and is_purchase and {{ is_before_last('invoiced_at') }}
),

as_ofs as (
    {{ as_of_spine() }}
),

recent as (
    select
        as_ofs.as_of,
        lines.customer_id,
        count(distinct lines.stock_code) as products_90d,
        avg(lines.unit_price_gbp) as unit_price_mean_90d_gbp
    from as_ofs
    inner join lines
        on
            {{ is_known('lines.invoiced_at', 'lines.loaded_at', 'as_ofs.as_of') }}
            and {{ in_window('lines.invoiced_at', 90, as_of='as_ofs.as_of') }}
    group by as_ofs.as_of, lines.customer_id
),

-- A product counts from the moment its first line had happened and was known, so one row per product is enough.
products as (
    select
        customer_id,
        stock_code,
        min(greatest(invoiced_at, loaded_at)) as known_at
    from lines
    group by customer_id, stock_code
),

ever as (
    select
        as_ofs.as_of,
        products.customer_id,
        count(*) as products_total
    from as_ofs
    inner join products on products.known_at < {{ midnight('as_ofs.as_of') }}
    group by as_ofs.as_of, products.customer_id
),

counted as (
    select
        recent.*,
        ever.products_total
    from recent
    inner join ever on recent.as_of = ever.as_of and recent.customer_id = ever.customer_id
)

select * from counted
