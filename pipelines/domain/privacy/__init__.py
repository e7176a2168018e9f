"""Customers who were erased, and the audit trail of what was done to the past."""
