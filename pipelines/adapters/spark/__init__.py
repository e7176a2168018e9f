"""Apache Spark: the scores of a night worked out by the workers of a cluster."""
