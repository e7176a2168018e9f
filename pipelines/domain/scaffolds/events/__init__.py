"""What features a log gives, declared before any SQL is written."""
