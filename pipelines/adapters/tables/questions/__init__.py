"""What pages ask of the tables, and the answers."""
