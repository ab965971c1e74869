"""`KerasHub` in a graph: a folder of a preset is looked through before TensorFlow is there."""

from __future__ import annotations

from modelforge.catalog.own.backbones import preprocessing_of
from modelforge.catalog.own.hub import NAME, is_folder
from modelforge.findings import Findings
from modelforge.spec import Object


def check_preset(found: Object, findings: Findings) -> None:
    """Adds findings for a folder that holds no backbone, or one that may not be opened."""
    preset = found.arguments.get("preset")
    if found.name != NAME or not isinstance(preset, str) or not is_folder(preset):
        return
    from modelforge.modelfile import Doubts  # few specs name a folder
    from modelforge.modelfile.preset import read_preset

    converts = preprocessing_of(found.name, found.arguments) == "preset"
    read_preset(preset, Doubts(preset, findings, found.span_of("preset")), converts=converts)
