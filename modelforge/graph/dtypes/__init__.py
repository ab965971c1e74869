"""The dtype of each tensor, told before TensorFlow is imported.

Known is what Keras says of a tensor and what the model gives when it runs, both; where they differ,
as for whole numbers behind a `Dropout`, it is unknown.
"""

from modelforge.graph.dtypes.entrances import entrances
from modelforge.graph.dtypes.infer import infer_dtypes
from modelforge.graph.dtypes.policy import Precision, precision_of

__all__ = ["Precision", "entrances", "infer_dtypes", "precision_of"]
