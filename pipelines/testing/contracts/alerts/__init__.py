"""Suites of where alerts wait, and of the channels they go out on."""
