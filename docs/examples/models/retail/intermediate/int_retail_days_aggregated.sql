with events as (
    select
        *,
        {{ churn.utc_date('occurred_at') }} as occurred_date,
        {{ churn.utc_date('loaded_at') }} as loaded_date
    from {{ ref('stg_retail__online_retail') }}
    where {{ churn.is_before_last('occurred_at') }} and {{ churn.is_before_last('loaded_at') }}
),

days as (
    select
        customer_id,
        occurred_date,
        loaded_date,
        count(*) as events,
        case when extract(isodow from occurred_date) in (6, 7) then count(*) else 0 end as weekend_events,
        count(*) filter (where {{ churn.quarter_of_day('occurred_at') }} = 0) as night_events,
        count(*) filter (where {{ churn.quarter_of_day('occurred_at') }} = 1) as morning_events,
        count(*) filter (where {{ churn.quarter_of_day('occurred_at') }} = 2) as afternoon_events,
        count(*) filter (where {{ churn.quarter_of_day('occurred_at') }} = 3) as evening_events,
        {{ churn.exact_sum('quantity') }} as quantity_sum,
        count(quantity) as quantity_known,
        max(quantity) as quantity_max,
        {{ churn.exact_sum('unit_price') }} as unit_price_sum,
        count(unit_price) as unit_price_known,
        max(unit_price) as unit_price_max,
        {{ churn.last_in_day('country') }} as last_country,
        max(occurred_at) as last_at
    from events
    group by customer_id, occurred_date, loaded_date
)

select * from days
