"""The AWS files and caches: one fast reader, one safe writer, and rolecall's own state."""
