"""The pages of nights and of gates, served on this machine to whoever has the login."""
