"""Suites of what fits models, keeps their versions and records promotions."""
