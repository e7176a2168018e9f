"""What routes that tell scores have in common: models, tiers, lists, and how they are asked."""
