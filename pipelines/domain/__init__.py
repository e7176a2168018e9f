"""What is true of churn scoring whatever it runs on: no I/O, no clock, no environment."""
