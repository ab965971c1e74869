"""The words of `train.distribute`: over which devices the steps are spread."""

from __future__ import annotations

from modelforge.catalog.word import Argument, Word

STRATEGIES = (
    Word(
        "none",
        "strategy",
        summary="One device: the first GPU, or the CPU.",
        documentation="Training runs on one device, the one that TensorFlow chooses.",
    ),
    Word(
        "auto",
        "strategy",
        summary="Every GPU of this machine where it has several, else one device.",
        documentation=(
            "`MirroredStrategy` over all GPUs where TensorFlow sees two or more, `none` otherwise. "
            "`environment.json` says what was chosen."
        ),
    ),
    Word(
        "MirroredStrategy",
        "strategy",
        module="tensorflow.distribute",
        arguments=(
            Argument(
                "devices",
                types=("array",),
                items=("string",),
                length=(1, 64),
                documentation=(
                    "The devices that each hold a copy of the model, such as `GPU:0`; all GPUs "
                    "where it is left out, the CPU where there are none."
                ),
            ),
        ),
        summary="Several devices of one machine, each with a copy of the model.",
        documentation=(
            "Every batch is divided among the devices, and the gradients are averaged over them. "
            "`batch_size` is that of the whole step, not of one device."
        ),
    ),
)
