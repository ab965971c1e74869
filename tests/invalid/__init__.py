"""Invalid specs, each marked with what it must be blamed for, and what compares the two."""
