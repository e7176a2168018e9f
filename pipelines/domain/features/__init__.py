"""What a model may see: the feature contract, its matrix, samples and the split of snapshots."""
