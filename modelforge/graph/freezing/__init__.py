"""Which layers `freeze` speaks of, told from the graph."""
