"""What people are told: an alert, and the one a failed task raises."""
