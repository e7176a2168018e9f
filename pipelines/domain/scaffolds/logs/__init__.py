"""One log: which of its columns say what, and what is made of them."""
