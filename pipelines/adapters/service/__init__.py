"""What the service asks the warehouse by a pool of connections, and what it leaves there."""
