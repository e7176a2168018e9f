"""Who may ask the service: keys, what they are for, and what was asked with them."""
