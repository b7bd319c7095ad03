"""What a person sees: one file per widget, named after it."""
