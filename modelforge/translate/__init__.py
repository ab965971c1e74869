"""Keras models become specs, and specs become plain Python."""
