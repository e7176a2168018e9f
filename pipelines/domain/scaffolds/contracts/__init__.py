"""A table of contracts by itself: they begin, they end, and who has none that runs has left."""
