"""Suites of a night's numbers and of its page."""
