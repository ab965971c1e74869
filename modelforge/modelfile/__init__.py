"""What a model file holds, told without TensorFlow; one that could do harm is not opened."""

from modelforge.modelfile.doubts import Doubts
from modelforge.modelfile.inspect import ModelFile, inspect
from modelforge.modelfile.place import model_path
from modelforge.modelfile.structure import Layer, Structure, Tensor

__all__ = ["Doubts", "Layer", "ModelFile", "Structure", "Tensor", "inspect", "model_path"]
