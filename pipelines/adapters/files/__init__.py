"""Files people bring, and pages we write."""
