"""AWS files and caches: one fast reader, one safe writer."""
