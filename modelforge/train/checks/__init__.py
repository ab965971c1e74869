"""What can be known to go wrong in training before the first step is made."""
