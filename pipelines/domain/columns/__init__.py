"""One column of a table that somebody brings: what its values are, and which of them are none."""
