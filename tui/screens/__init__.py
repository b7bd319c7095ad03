"""What a person works in: one file per screen."""
