"""The service: what programs ask between two nights, by HTTP."""
