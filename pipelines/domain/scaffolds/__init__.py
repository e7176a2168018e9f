"""What `churn new` writes for somebody's own customers, decided before it is rendered."""
