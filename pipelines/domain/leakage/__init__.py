"""Columns that know what became of a customer, found before a model learns from them."""
