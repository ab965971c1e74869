"""How messages speak of a layer and of the shapes that met in it, whoever found the trouble."""

from __future__ import annotations

from collections.abc import Callable

from modelforge.graph.graph import Node


def spoken(node: Node) -> str:
    """`branch` (Conv2D); the name alone where it is the class's."""
    word = node.object.name
    return f"`{node.name}`" if node.name == word else f"`{node.name}` ({word})"


def input_shapes(node: Node, shape_of: Callable[[str], str]) -> list[str]:
    """A note for each thing that a layer is called on; shape_of gives a shape's text by name."""
    notes = []
    for argument, source in node.sources.items():
        names = source if isinstance(source, tuple) else (source,)
        for name in names:
            told = f" of `{name}`" if len(names) > 1 or len(node.sources) > 1 else ""
            role = f" `{argument}`" if argument and len(node.sources) > 1 else ""
            notes.append(f"input shape{role}{told}: {shape_of(name)}")
    return notes
