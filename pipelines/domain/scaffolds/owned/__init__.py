"""A feature table somebody owns already: where it stands, what it gives, and who has left."""
