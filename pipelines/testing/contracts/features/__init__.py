"""Suites of what builds features, and of the tables they stand in."""
