"""`python -m modelforge.introspect` writes the committed data file for the installed Keras."""

from __future__ import annotations

from modelforge.catalog.load import committed_file
from modelforge.catalog.record import dump
from modelforge.introspect import describe_keras, keras_version
from modelforge.runs.files import write_text

if __name__ == "__main__":
    path = committed_file(keras_version())
    words = describe_keras()
    write_text(path, dump(words, keras_version()))
    print(f"{path.name}: {len(words)} words of Keras {keras_version()}")
