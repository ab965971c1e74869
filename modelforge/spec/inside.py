"""Objects in the arguments of objects: where they are, and others put in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from modelforge.spec.values import Object, Value

Path = tuple[str, ...]  # the arguments that lead to an object; of a list also its number

Change = Callable[[Object, Path], Object]


def inside(found: Object) -> Iterator[tuple[Path, Object]]:
    """The objects in the arguments of an object, to any depth, and the ways to them."""
    for name, value in found.arguments.items():
        if isinstance(value, Object):
            yield (name,), value
            yield from (((name, *path), inner) for path, inner in inside(value))
        elif isinstance(value, tuple):
            for number, item in enumerate(value):
                if isinstance(item, Object):
                    path = (name, str(number))
                    yield path, item
                    yield from (((*path, *rest), inner) for rest, inner in inside(item))


def changed(found: Object, change: Change, path: Path = ()) -> Object:
    """The object with others in the place of those in its arguments; itself where all are the same.

    change: what stands in the place of an object, whose own arguments have been changed already.
    """
    arguments = {
        name: _changed(value, change, (*path, name)) for name, value in found.arguments.items()
    }
    same = all(new is found.arguments[name] for name, new in arguments.items())
    return found if same else replace(found, arguments=arguments)


def _changed(value: Value, change: Change, path: Path) -> Value:
    if isinstance(value, Object):
        return change(changed(value, change, path), path)
    if isinstance(value, tuple):
        items = tuple(
            _changed(item, change, (*path, str(number))) for number, item in enumerate(value)
        )
        same = all(new is old for new, old in zip(items, value, strict=True))
        return value if same else items
    return value
