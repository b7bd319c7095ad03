"""Why AWS says no, and what to do about it."""
