"""Tables people bring: files, folders and databases, read in batches that bound the memory."""
