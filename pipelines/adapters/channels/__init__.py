"""Ways to reach people, one module a channel."""
