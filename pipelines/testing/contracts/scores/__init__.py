"""Suites of score runs, and of returning to earlier lists."""
