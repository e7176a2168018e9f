"""Commands of a night that Airflow's tasks hand to a process which has imported them before."""
