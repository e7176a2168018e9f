"""The raw records of a generated business, one module a table."""
