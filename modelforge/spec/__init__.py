"""The frozen, typed spec."""

from modelforge.spec.freezing import Freeze
from modelforge.spec.read import read_spec
from modelforge.spec.spec import (
    Checkpointing,
    DataSection,
    InnerModel,
    InputItem,
    LayerItem,
    LoadItem,
    ModelSection,
    OnDivergence,
    Phase,
    Spec,
    TrainSection,
    WeightsItem,
)
from modelforge.spec.values import Deferred, Object, Value

__all__ = [
    "Checkpointing",
    "DataSection",
    "Deferred",
    "Freeze",
    "InnerModel",
    "InputItem",
    "LayerItem",
    "LoadItem",
    "ModelSection",
    "Object",
    "OnDivergence",
    "Phase",
    "Spec",
    "TrainSection",
    "Value",
    "WeightsItem",
    "read_spec",
]
