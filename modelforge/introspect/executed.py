"""A plugin's file is run, once for each content; what it registered with Keras is kept."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sys
import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras

from modelforge.catalog.word import PLUGINS
from modelforge.findings import Findings, Related
from modelforge.graph.plugins import RUN, PluginFile, line_span, place_in_plugin
from modelforge.modelfile.allowed import REGISTERED


@dataclass(frozen=True)
class Executed:
    """A plugin that has been run, and what it registered, by the names that Keras saves."""

    file: PluginFile
    module: types.ModuleType
    registered: Mapping[str, Any]


_DONE: dict[tuple[str, str], Executed] = {}


def execute(file: PluginFile, findings: Findings) -> Executed | None:
    """Runs the file, unless the same one was run before; None after a finding."""
    name = os.path.abspath(file.source.name)
    digest = hashlib.sha256(file.content).hexdigest()
    key = (name, digest)
    done = _DONE.get(key)
    if done is None:
        module = _run(file, name, digest, findings)
        if module is None:
            return None
        done = _DONE[key] = Executed(file, module, _registered(module))
    # Another file may have registered the same names in between.
    keras.saving.get_custom_objects().update(done.registered)
    REGISTERED.update(done.registered)
    return Executed(file, done.module, done.registered)


def _run(file: PluginFile, name: str, digest: str, findings: Findings) -> types.ModuleType | None:
    RUN[name] = file.source
    module = types.ModuleType(f"{PLUGINS}.{_identifier(file.path)}_{digest[:8]}")
    module.__file__ = name
    # What looks a class's module up (dataclasses, annotations, pickle) finds it there.
    sys.modules[module.__name__] = module
    try:
        # Standard output belongs to the command, which may print JSON there.
        with contextlib.redirect_stdout(sys.stderr):
            exec(compile(file.content, name, "exec", dont_inherit=True), module.__dict__)
    except SyntaxError as error:
        _blame(file, error, error.lineno if error.filename == name else None, findings)
    except (Exception, SystemExit) as error:
        _blame(file, error, None, findings)
    else:
        return module
    del sys.modules[module.__name__]
    return None


def _blame(file: PluginFile, error: BaseException, number: int | None, findings: Findings) -> None:
    span = line_span(file.source, number) if number else place_in_plugin(error)
    notes = []
    if isinstance(error, ModuleNotFoundError):
        notes = ["a plugin is one file; what it imports besides has to be installed"]
    text = error.msg if isinstance(error, SyntaxError) else str(error).strip()
    said = (text or "nothing is said").splitlines()[0].removesuffix(".")
    findings.error(
        "plugin-failed",
        f"the plugin `{file.source.name}` cannot be run: {type(error).__name__}: {said}",
        span or file.named,
        notes=notes,
        related=[Related(file.named, "it is named")] if span and file.named else [],
    )


def _registered(module: types.ModuleType) -> dict[str, Any]:
    """What the file itself defines; a package that it imports may register objects, too."""
    return {
        name: thing
        for name, thing in keras.saving.get_custom_objects().items()
        if getattr(thing, "__module__", "") == module.__name__
    }


def _identifier(path: str) -> str:
    return re.sub(r"\W", "_", path.removesuffix(".py"))
