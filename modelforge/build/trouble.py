"""What Keras and TensorFlow say when they refuse something, without the wrapping."""

from __future__ import annotations

import re

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_WRAPPED = re.compile(
    r"^Exception encountered when calling .*?\.\n\n(.*?)\n\nArguments received by", re.S
)
# TensorFlow's operations: `{{function_node ...}} message [Op:MatMul] name:`
_NODES = re.compile(r"\{\{[^{}]*\}\}\s*")
_OP = re.compile(r"\s*\[Op:[^\]]*\](\s*name:.*)?$", re.S)
# `Graph execution error:`, and the Python lines of the operation, before what is wrong with it.
_GRAPH = re.compile(
    r"^Graph execution error:\s*(?:Detected at node[^\n]*\n(?:\s*File \"[^\n]*\n|\s*\n)*)*"
)
_STACK = re.compile(r"\n\s*(\[\[\{\{|Detected at node|Stack trace|\s*File \").*", re.S)
_LONGEST = 400


def sentence(error: BaseException) -> str:
    """The first thing that the error says, on one line, without a full stop."""
    text = _COLOUR.sub("", str(error)).strip()
    wrapped = _WRAPPED.match(text)
    while wrapped:
        text = wrapped.group(1).strip()
        wrapped = _WRAPPED.match(text)
    text = text.split("\n\nArguments received by")[0]
    text = _GRAPH.sub("", text)
    text = _OP.sub("", _NODES.sub("", _STACK.sub("", text)))
    text = " ".join(text.split()).replace(" with name 'None'", "")
    if not text:
        return type(error).__name__
    if not isinstance(error, ValueError):
        # `'units'` or `tuple index out of range` alone would not be understood.
        text = f"{type(error).__name__}: {text}"
    if len(text) > _LONGEST:
        text = text[:_LONGEST].rsplit(" ", 1)[0] + " ..."
    return text.removesuffix(".")


def comes_from_keras(error: BaseException) -> bool:
    """Whether Keras or TensorFlow raised it: then a spec is to blame, else ModelForge itself."""
    trace = error.__traceback__
    module = ""
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", module)
        trace = trace.tb_next
    return module.split(".")[0] in {"keras", "tensorflow", "optree", "numpy"}
