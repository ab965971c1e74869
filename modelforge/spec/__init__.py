"""The frozen, typed spec."""

from modelforge.spec.read import read_spec
from modelforge.spec.spec import (
    DataSection,
    InnerModel,
    InputItem,
    LayerItem,
    LoadItem,
    ModelSection,
    Spec,
    TrainSection,
)
from modelforge.spec.values import Deferred, Object, Value

__all__ = [
    "DataSection",
    "Deferred",
    "InnerModel",
    "InputItem",
    "LayerItem",
    "LoadItem",
    "ModelSection",
    "Object",
    "Spec",
    "TrainSection",
    "Value",
    "read_spec",
]
