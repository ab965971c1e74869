"""A trained run, measured and asked."""

from modelforge.evaluate.evaluation import Evaluation, evaluate_run, measure
from modelforge.evaluate.predict import predict
from modelforge.evaluate.trained import TrainedRun, open_run, open_run_data

__all__ = [
    "Evaluation",
    "TrainedRun",
    "evaluate_run",
    "measure",
    "open_run",
    "open_run_data",
    "predict",
]
