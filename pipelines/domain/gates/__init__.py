"""Whether today's batch is fit to use: checks, bounds from earlier nights, and the verdict."""
