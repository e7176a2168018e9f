"""A customer between two nights: as the warehouse has them now, or as records of a request say."""
