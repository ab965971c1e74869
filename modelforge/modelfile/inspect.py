"""The front door: a model file, looked through before anything opens it."""

from __future__ import annotations

from dataclasses import dataclass

from modelforge.modelfile.archive import read_archive
from modelforge.modelfile.configuration import read_configuration
from modelforge.modelfile.doubts import Doubts
from modelforge.modelfile.harm import check_harmless
from modelforge.modelfile.old import OLD, read_old
from modelforge.modelfile.place import model_path
from modelforge.modelfile.structure import NoModel, Structure, structure_of


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that may be opened, as far as can be told without its weights.

    text: its configuration as Keras reads it. weights: how many bytes its weights have; of a file
    in the old HDF5 format, how many the file has. old: whether it is one.
    """

    path: str
    structure: Structure
    text: bytes
    weights: int
    old: bool = False


def inspect(path: str, doubts: Doubts) -> ModelFile | None:
    """What the file (or the best model of the run folder) holds; None after findings."""
    found = model_path(path, doubts)
    if found is None:
        return None
    old = found.endswith(OLD)
    archive = read_old(found, doubts) if old else read_archive(found, doubts)
    if archive is None:
        return None
    before = doubts.count
    configuration = read_configuration(archive.config, doubts)
    if configuration is None:
        return None
    check_harmless(configuration, doubts)
    if doubts.count > before:
        return None
    try:
        structure = structure_of(configuration)
    except NoModel as reason:
        doubts.say("model-config", str(reason))
        return None
    return ModelFile(found, structure, archive.config, archive.weights, old)
