"""A night, task by task, and what is done about nights that were."""
