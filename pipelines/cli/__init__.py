"""The command line: what people and Airflow type."""
