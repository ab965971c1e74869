"""The schema of how samples are served, which `data` says and a phase may say anew."""

from __future__ import annotations

from modelforge.schema.forms import VARIABLE, Forms, Schema
from modelforge.schema.values import choice, items, section, whole


def batch_size() -> Schema:
    """`batch_size`."""
    each = whole("Samples per step of each replica.", minimum=1)
    return {
        **section("batch_size", {"per_replica": each}, ("per_replica",)),
        "type": ["integer", "object", "string"],
        "minimum": 1,
        "pattern": f"^(all|{VARIABLE})$",
        "x-expected": "an integer, `all`, or `per_replica: N`",
        "description": (
            "Samples per step, over all replicas; `all` is full-batch descent; "
            "`per_replica: N` is N times the number of replicas."
        ),
    }


def augmentation(forms: Forms) -> dict[str, Schema]:
    """`augment` and `augment_by`."""
    return {
        "augment": items(forms.form("layer"), "Layers applied to training inputs only."),
        "augment_by": choice(
            "Whether each sample is augmented on its own, or those of a batch together: faster,"
            " but then it depends on the batch size.",
            ("sample", "batch"),
        ),
    }
