"""The tables of the warehouse, one module a group of them."""
