"""From features to a list: calibrated scores, tiers and reasons, and the run they belong to."""
