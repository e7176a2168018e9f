"""What people declare of their sources, and rows of those read as declared."""
