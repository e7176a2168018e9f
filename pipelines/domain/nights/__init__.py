"""A published night in numbers: its page, and how its list compared with what happened."""
