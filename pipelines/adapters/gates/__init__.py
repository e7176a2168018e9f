"""Great Expectations: suites, validation, and Data Docs without values of rows."""
