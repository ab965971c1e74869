"""ModelForge's own Keras layers, losses, metrics and callbacks, one file each."""
