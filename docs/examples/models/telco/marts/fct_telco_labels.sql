-- The source itself says who has left, so a label is due at once.
{{ churn.told_by_snapshot(ref('fct_telco_features'), ref('stg_telco__customers'), 'churn', "yes") }}
