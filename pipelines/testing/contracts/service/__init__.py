"""Suites of who is let in by the service, and of what it reads."""
