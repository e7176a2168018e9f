"""The service: keys are made for it, and the champion of now is brought into it."""
