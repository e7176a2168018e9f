"""When a night differs from what its model learned: checks of columns, and the verdict."""
