"""Every collaborator of the steps, as one Protocol each, by subject."""
