"""The servers a laptop needs: PostgreSQL, Airflow and MLflow as processes of this checkout."""
