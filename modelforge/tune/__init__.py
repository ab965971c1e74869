"""Search over a spec's hyper-parameters."""
