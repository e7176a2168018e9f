-- Of the last three judged nights, this one among them, on how many the column drifted; 0 where it did not.
alter table churn.drift_checks add column nights integer not null default 0;

-- How the values are spread, then and now: {"kind": "numeric", "edges": [...]} or {"kind": "levels", "levels": [...]},
-- with the shares "reference" and "current"; NULL where a side has no value, and for checks of no column.
alter table churn.drift_checks add column distribution jsonb;

-- What is called drifted of before was so on one night.
update churn.drift_checks set nights = 1
where verdict = 'drifted';
