"""Large libraries, imported without what a night never uses: most of what a command costs."""
