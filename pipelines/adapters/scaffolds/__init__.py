"""dbt models written for tables people bring."""
