"""Suites of what gates expect, check, remember and leave behind."""
