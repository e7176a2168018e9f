"""What routes that score have in common: their model, their tiers, and how they are asked."""
