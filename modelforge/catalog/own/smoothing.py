"""Label smoothing where Keras has none: labels that are integers."""

from __future__ import annotations

from modelforge.catalog.word import Argument

LABEL_SMOOTHING = Argument(
    "label_smoothing",
    types=("number",),
    minimum=0,
    maximum=1,
    default=0.0,
    keyword_only=True,
    documentation=(
        "Float in [0, 1]. The right class counts 1 - label_smoothing, and all classes share the "
        "rest, as in `CategoricalCrossentropy`. ModelForge's own: Keras smooths one-hot labels "
        "only. Not together with `ignore_class`."
    ),
)
