"""Files of the project people own, and pages we write."""
