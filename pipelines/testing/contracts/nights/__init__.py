"""Suites of a night's numbers, its page, and what became of its list."""
