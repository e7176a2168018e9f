"""The dbt project: building models, reading their contracts, replaying a snapshot."""
