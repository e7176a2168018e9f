"""What comes in, what is built of it, and who is taken out again."""
