"""A run -> SavedModel, .keras; the comparison."""

from modelforge.export.run import DEFAULT, asked_for, export_run
from modelforge.export.saved_model import load_saved_model
from modelforge.export.saved_model import write_saved_model as export_saved_model
from modelforge.export.served import Served
from modelforge.export.verified import export_one

__all__ = [
    "DEFAULT",
    "Served",
    "asked_for",
    "export_one",
    "export_run",
    "export_saved_model",
    "load_saved_model",
]
