"""The page of a night: what was asked and answered, its sections, tables and small charts."""
