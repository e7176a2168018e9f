"""What follows from evidence against a model: nothing, an alert, a training, or a question."""
