"""Loads of declared tables, each one transaction, and their entries in the ledger."""
