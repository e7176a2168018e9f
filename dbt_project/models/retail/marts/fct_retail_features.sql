with members as (
    select * from {{ ref('int_retail_members_listed') }}
),

orders as (
    select * from {{ ref('int_retail_orders_aggregated') }}
),

gaps as (
    select * from {{ ref('int_retail_gaps_measured') }}
),

cancellations as (
    select * from {{ ref('int_retail_cancellations_aggregated') }}
),

products as (
    select * from {{ ref('int_retail_products_counted') }}
),

measured as (
    select
        members.as_of,
        members.customer_id,
        {{ days_between('orders.last_purchase_at', midnight('members.as_of')) }} as recency_days,
        {{ days_between('orders.first_purchase_at', midnight('members.as_of')) }} as tenure_days,
        {{ in_window('orders.first_purchase_at', 90, as_of='members.as_of') }} as is_new_90d,
        orders.orders_30d,
        orders.orders_90d,
        orders.orders_90d_before,
        orders.orders_total,
        orders.purchase_days_total,
        orders.active_months_270d,
        orders.amount_30d_gbp,
        orders.amount_90d_gbp,
        orders.amount_90d_before_gbp,
        orders.amount_total_gbp,
        gaps.gap_mean_days,
        gaps.gap_last_days,
        coalesce(cancellations.cancellations_90d, 0) as cancellations_90d,
        coalesce(cancellations.cancellations_total, 0) as cancellations_total,
        orders.lines_90d,
        orders.lines_total,
        products.products_90d,
        products.products_total,
        products.unit_price_mean_90d_gbp,
        orders.is_uk
    from members
    inner join orders on members.as_of = orders.as_of and members.customer_id = orders.customer_id
    inner join gaps on members.as_of = gaps.as_of and members.customer_id = gaps.customer_id
    inner join products on members.as_of = products.as_of and members.customer_id = products.customer_id
    left join cancellations
        on members.as_of = cancellations.as_of and members.customer_id = cancellations.customer_id
),

features as (
    select
        as_of,
        customer_id,
        recency_days,
        tenure_days,
        is_new_90d,
        orders_30d,
        orders_90d,
        orders_90d_before,
        orders_90d - orders_90d_before as orders_change_90d,
        orders_total,
        cast(orders_total * 30.0 / greatest(tenure_days, 30) as double precision) as orders_per_30d,
        purchase_days_total,
        active_months_270d,
        cast(amount_30d_gbp as double precision) as amount_30d_gbp,
        cast(amount_90d_gbp as double precision) as amount_90d_gbp,
        cast(amount_90d_before_gbp as double precision) as amount_90d_before_gbp,
        cast(amount_total_gbp as double precision) as amount_total_gbp,
        cast(100 * amount_30d_gbp / amount_90d_gbp as double precision) as amount_30d_share_90d_pct,
        cast(amount_90d_gbp / orders_90d as double precision) as order_value_mean_90d_gbp,
        cast(gap_mean_days as double precision) as gap_mean_days,
        cast(gap_last_days as bigint) as gap_last_days,
        cast(recency_days / gap_mean_days as double precision) as recency_to_gap_ratio,
        cancellations_90d,
        cast(100.0 * cancellations_total / (cancellations_total + orders_total) as double precision)
            as cancellations_share_pct,
        cast(lines_90d / orders_90d as double precision) as lines_per_order_90d,
        products_90d,
        products_total,
        cast(100.0 * (lines_total - products_total) / lines_total as double precision) as repeat_lines_share_pct,
        cast(unit_price_mean_90d_gbp as double precision) as unit_price_mean_90d_gbp,
        is_uk
    from measured
)

select * from features
