"""What features a kind of table gives, declared before any SQL is written."""
