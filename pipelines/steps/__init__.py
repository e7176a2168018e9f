"""One use-case per module, each one public keyword-only function."""
