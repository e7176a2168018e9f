"""In-memory doubles of the ports, and the contract suites they share with the adapters."""
