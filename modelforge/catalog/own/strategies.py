"""The words of `train.distribute`: over which devices the steps are spread."""

from __future__ import annotations

from modelforge.catalog.word import Argument, Word


def _seconds(name: str, default: int, what: str) -> Argument:
    return Argument(
        name,
        types=("number",),
        above=0,
        maximum=86400,
        default=default,
        keyword_only=True,
        documentation=f"Seconds {what}.",
    )


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
        summary="All workers, all GPUs of this machine, or one device: what there is.",
        documentation=(
            "`MultiWorkerMirroredStrategy` where TF_CONFIG or SLURM name several workers, or "
            "`--workers` starts them; else `MirroredStrategy` over all GPUs where TensorFlow sees "
            "two or more; `none` otherwise. `environment.json` says what was chosen."
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
            "Every batch is divided among the devices, and the gradients are summed over them. "
            "`batch_size` is that of the whole step, not of one device."
        ),
    ),
    Word(
        "MultiWorkerMirroredStrategy",
        "strategy",
        module="tensorflow.distribute",
        arguments=(
            Argument(
                "communication",
                types=("string",),
                choices=("auto", "ring", "nccl"),
                default="auto",
                documentation=(
                    "How gradients travel: `nccl` between GPUs, `ring` over the network for any "
                    "device; `auto` leaves the choice to TensorFlow."
                ),
            ),
            _seconds("start_timeout", 60, "for all workers to come before the first step"),
            _seconds("step_timeout", 300, "for the slowest step, the first one included"),
            _seconds("heartbeat_timeout", 15, "for a sign of life from a worker that trains"),
        ),
        summary="Several processes, on one machine or many, each with its own devices.",
        documentation=(
            "Every worker is told of all others by TF_CONFIG, by SLURM, or by `--workers`. Every "
            "batch is divided among them, and the gradients are summed over all. Worker 0, the "
            "chief, writes the run folder. A worker that does not come, dies, or stands still "
            "ends the others within the times given here, with exit code 5."
        ),
    ),
)
