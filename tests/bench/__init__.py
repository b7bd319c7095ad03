"""How fast rolecall is, as ratios to something that does as good as nothing."""
