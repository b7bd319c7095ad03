"""Which roles there are: from every origin, searchable, with their stages and sessions."""
