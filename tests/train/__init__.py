"""Training: specs that train in a moment."""
