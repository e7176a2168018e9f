"""What a table that somebody brings holds, told from its values and names."""
