"""What a run is and what it ran on: it goes on as the same only, or where a change is allowed."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import tensorflow as tf

from modelforge.data.bundle import Bundle
from modelforge.document import Scalar
from modelforge.document.write import to_line
from modelforge.findings import Finding, Refused, Span, counted
from modelforge.graph import Loaded
from modelforge.spec.compare import MISSING, Difference, differences
from modelforge.spec.place import written_at
from modelforge.train.checkpoints.phases_done import of_phase, why_done
from modelforge.train.strategy import Placement
from modelforge.version import __version__

# What may be changed by `--set` alone: how long a run is, who looks on, what is made of it. Any
# other change has to be allowed by name, for the run would no longer be the one that was begun.
FREE = (
    *("name", "description", "export"),
    *("train.epochs", "train.callbacks", "train.checkpoint", "train.on_divergence"),
)
_MOST = 10  # differences that are told one by one
_PACKAGES = ("tensorflow", "keras", "numpy")
_THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")


@dataclass(frozen=True)
class Change:
    """A difference between a run and what would go on with it."""

    path: str
    message: str
    allowed: bool
    span: Span | None = None
    because: str = ""


def fingerprint(
    spec: Mapping[str, Any], loaded: Loaded, bundle: Bundle, placement: Placement
) -> dict[str, Any]:
    """Plain values; spec: the resolved one, as `resolved.yaml` has it.

    `machine` decides about the last bit only; everything else makes it another run.
    """
    described = {
        "spec": spec,
        # A run keeps its plugins in a folder of its own, so that their paths are others there.
        "plugins": {
            os.path.basename(file.path): hashlib.sha256(file.content).hexdigest()
            for file in loaded.vocabulary.plugins
        },
        "dataset": _dataset(bundle),
        "versions": {
            "modelforge": __version__,
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in _PACKAGES},
        },
        "machine": {
            "strategy": placement.name,
            "replicas": placement.replicas,
            "workers": placement.workers,
            "devices": [name.split(":")[0] for name in placement.devices],
            "processor": _processor(),
            "threads": {
                "intra": tf.config.threading.get_intra_op_parallelism_threads(),
                "inter": tf.config.threading.get_inter_op_parallelism_threads(),
                **{name: os.environ.get(name, "") for name in _THREADS},
            },
            "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS", ""),
        },
    }
    plain: dict[str, Any] = json.loads(json.dumps(described, default=str))
    return plain


def changes(
    before: Mapping[str, Any],
    now: Mapping[str, Any],
    loaded: Loaded,
    allow: Sequence[str],
    phase: int = 0,
) -> list[Change]:
    """Every difference but those of the machine.

    allow: paths, each with all below it. phase: the number of the one that the run is in; those
    before it are done.
    """
    found = [
        _spec_change(difference, loaded, allow, phase)
        for difference in differences(before["spec"], now["spec"])
    ]
    for part, what in (("plugins", "the plugin"), ("dataset", "the data's"), ("versions", "")):
        for difference in differences(before[part], now[part]):
            path = f"{part}.{difference.path}"
            message = f"{what} {_told(difference)}".strip()
            because = _of_replicas(path, before["machine"], now["machine"])
            found.append(Change(path, message, covered(path, allow), because=because))
    return found


def is_rate(change: Change, phase: int = 0) -> bool:
    """Whether it is a learning rate that has changed; phase: the item of `phases` that runs."""
    number, path = of_phase(change.path)
    if number not in (None, phase):
        return False
    begin, _, rest = path.partition("train.optimizer.")
    if not begin and "learning_rate" in rest.split("."):
        return True
    return path == "train.learning_rate_scaling"


def machine_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What is another on this machine; the run goes on, but not to the last bit."""
    return [_told(item) for item in differences(before["machine"], now["machine"])]


def refuse_changes(found: Sequence[Change], run: str, more: Sequence[Finding] = ()) -> None:
    """Raises Refused with all that is not allowed; more: what else speaks against going on."""
    refused = [change for change in found if not change.allowed]
    if not refused and not more:
        return
    findings = [*more]
    findings += [
        Finding(
            "resume-differs",
            f"{change.message} when the run was begun",
            change.span,
            notes=(
                *([change.because] if change.because else []),
                f"to go on nevertheless: --allow {change.path}",
            ),
        )
        for change in refused[:_MOST]
    ]
    if len(refused) > _MOST:
        findings.append(
            Finding(
                "resume-differs",
                f"there are {len(refused) - _MOST} more differences from the run `{run}`",
            )
        )
    raise Refused(findings)


def _spec_change(
    difference: Difference, loaded: Loaded, allow: Sequence[str], phase: int
) -> Change:
    path = difference.path
    node = None
    if difference.right is not MISSING:
        node = written_at(loaded.root, difference.right_path, loaded.catalog)
    span = ((node.origin if isinstance(node, Scalar) else None) or node.span) if node else None
    by_hand = span is not None and span.source.name.startswith("--")
    done = why_done(path, loaded.spec, phase)
    free = by_hand and covered(of_phase(path)[1], FREE) and not done
    return Change(path, _told(difference), free or covered(path, allow), span, done)


def _of_replicas(path: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Why an epoch has another number of steps, where it is for the replicas."""
    of_steps = path.startswith("dataset.splits.") and path.endswith(".steps")
    if not of_steps or before["replicas"] == now["replicas"]:
        return ""
    return (
        "`batch_size` is `per_replica`: the run was begun with "
        f"{counted(before['replicas'], 'replica')}, and here {_are(now['replicas'])}"
    )


def _are(replicas: int) -> str:
    return f"{'is' if replicas == 1 else 'are'} {replicas}"


def covered(path: str, allowed: Sequence[str]) -> bool:
    """Whether a path is one of those that are allowed, or below one."""
    return any(path == item or path.startswith(f"{item}.") for item in allowed)


def _told(difference: Difference) -> str:
    was, now = (
        "nothing" if value is MISSING else f"`{_short(value)}`"
        for value in (difference.left, difference.right)
    )
    return f"`{difference.path}` is {now} and was {was}"


def _short(value: Any) -> str:
    text = to_line(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _dataset(bundle: Bundle) -> dict[str, Any]:
    """What the data holds; where it lies is said in the spec."""
    manifest = bundle.manifest
    return {
        "sources": {
            name: {key: source[key] for key in ("size", "fingerprint")}
            for name, source in manifest["sources"].items()
        },
        "splits": manifest["splits"],
        "classes": manifest["classes"],
        "inputs": manifest["inputs"],
    }


def _processor() -> str:
    """The processor's name: another one may add up in another order."""
    return next(_model_names(), platform.machine())


def _model_names() -> Iterator[str]:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("model name"):
                    yield line.partition(":")[2].strip()
    except OSError:
        return
