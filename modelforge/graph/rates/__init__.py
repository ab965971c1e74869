"""Learning rates by layer, told from the graph."""
