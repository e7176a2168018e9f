"""When a new model is worth a training: evidence, and what follows from it."""
