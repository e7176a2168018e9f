"""Parts of the embedded PostgreSQL: its programs, its owner, and whether it runs."""
