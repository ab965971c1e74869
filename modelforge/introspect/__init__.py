"""The installed Keras becomes the catalog's data file."""

from modelforge.introspect.describe import describe_keras, keras_version

__all__ = ["describe_keras", "keras_version"]
