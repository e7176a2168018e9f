"""Databases of other people: their addresses, their tables and queries, never written to."""
