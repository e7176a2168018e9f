"""The exporter: figures of the nights for Prometheus, beside the service and without it."""
