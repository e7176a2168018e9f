"""Several tables of one population: what each is for, and what it gives."""
