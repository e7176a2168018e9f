"""Two-sample tests, one module an engine."""
