"""Who may come in: networks and pages requests come from, keys and tokens they show."""
