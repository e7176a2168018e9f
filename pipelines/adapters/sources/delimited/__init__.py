"""Delimited text: what it is written in, its dialect, its header, and its rows with their lines."""
