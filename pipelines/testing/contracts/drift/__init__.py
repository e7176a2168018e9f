"""Suites of what drift is measured by and where it is written down."""
