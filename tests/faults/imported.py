"""What the fork server imports before its first child: all that `modelforge train` will need."""

import importlib
import os

from modelforge.cli.tensorflow import import_tensorflow

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import_tensorflow()
for _name in ("cli.train", "graph", "train", "evaluate", "report"):
    importlib.import_module(f"modelforge.{_name}")
