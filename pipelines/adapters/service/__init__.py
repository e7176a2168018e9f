"""What the service asks the warehouse: one pool of connections, a statement a question."""
