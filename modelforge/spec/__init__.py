"""The frozen, typed spec."""

from modelforge.spec.read import read_spec
from modelforge.spec.spec import (
    DataSection,
    InputItem,
    LayerItem,
    ModelSection,
    Spec,
    TrainSection,
)
from modelforge.spec.values import Deferred, Object, Value

__all__ = [
    "DataSection",
    "Deferred",
    "InputItem",
    "LayerItem",
    "ModelSection",
    "Object",
    "Spec",
    "TrainSection",
    "Value",
    "read_spec",
]
