"""
The one place that puts adapters into steps.

Modules are imported inside the functions that need them: `churn publish` must not wait for MLflow,
dbt and Great Expectations, which take seconds to import.
"""
