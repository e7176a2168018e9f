"""From matured labels to a model worth promoting: rows, evaluation, promotion."""
