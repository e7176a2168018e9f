"""Two models in service at once: who answers whom, and what both said."""
