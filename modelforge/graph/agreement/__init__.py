"""What the data and the model must agree on: inputs, outputs and losses, metrics, classes."""
