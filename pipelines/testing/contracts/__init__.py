"""What every adapter of a port has to do, and its double too: one class of tests a port."""
