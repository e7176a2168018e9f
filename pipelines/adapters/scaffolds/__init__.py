"""The files `churn new` writes, rendered."""
