"""What a step works on, where choosing it is a matter of its own: batches, snapshots."""
