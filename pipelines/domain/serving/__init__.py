"""Answers about one customer: a published score, or one made now."""
