"""Models as directories, registered in MLflow and kept in a local cache."""
