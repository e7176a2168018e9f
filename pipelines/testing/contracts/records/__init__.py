"""Suites of the raw tables, and of erasing customers."""
