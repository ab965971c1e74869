"""Where a source's files are: paths relative to the spec, with the nearest name where one fails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from modelforge.findings import Findings, Related, Span, did_you_mean
from modelforge.spec import Object, Value
from modelforge.spec.targets import Asked, asked_targets


@dataclass(frozen=True)
class Request:
    """What a source is asked for: its word, where relative paths start, and whom to tell.

    role: train, validation or test; cache: the section's `cache`; needs_target: whether there
    must be something else than the input to learn.
    """

    item: Object
    root: Path
    findings: Findings
    role: str = "train"
    cache: str = "auto"
    needs_target: bool = True

    def get(self, argument: str, default: Any = None) -> Any:
        """An argument's value as written, or its default."""
        value: Value = self.item.arguments.get(argument)
        return default if value is None else value

    @property
    def targets(self) -> tuple[Asked, ...]:
        """The targets that are asked for."""
        return asked_targets(self.item, needed=self.needs_target)

    def of(self, target: Asked) -> Request:
        """The same request with this target as the only one."""
        arguments: dict[str, Value] = {
            "target": target.together or target.column,
            "target_kind": target.kind,
            "separator": target.separator,
        }
        if target.classes is not None:
            arguments["classes"] = target.classes
        spans = {"target": target.span, "classes": target.classes_span}
        item = replace(
            self.item,
            arguments={**self.item.arguments, **arguments},
            spans={**self.item.spans, **spans},
        )
        return replace(self, item=item)

    def span(self, argument: str = "path") -> Span:
        """The place to blame for an argument."""
        return self.item.span_of(argument)

    def error(self, rule: str, message: str, argument: str = "path", **rest: Any) -> None:
        """Adds an error at an argument."""
        self.findings.error(rule, message, self.span(argument), **rest)

    def warning(self, rule: str, message: str, argument: str = "path", **rest: Any) -> None:
        """Adds a warning at an argument."""
        self.findings.warning(rule, message, self.span(argument), **rest)

    def path(self, *, folder: bool, argument: str = "path") -> Path | None:
        """An argument as the path of a file or folder that exists; None after a finding."""
        written = str(self.get(argument, ""))
        path = self.root / Path(written).expanduser()
        if not path.exists():
            self._missing(written, path, argument)
            return None
        if folder and not path.is_dir():
            self.error(
                "path-is-a-file",
                f"`{written}` is a file; {self.item.name} reads a folder",
                argument,
                notes=_other_word(path),
            )
            return None
        if not folder and path.is_dir():
            self.error(
                "path-is-a-folder",
                f"`{written}` is a folder; {self.item.name} reads a file",
                argument,
                notes=("for a folder of images by class, write `ImageFolder`",),
            )
            return None
        if not folder and not path.is_file():
            self.error(
                "path-is-no-regular-file", f"`{written}` is neither a file nor a folder", argument
            )
            return None
        return path

    def _missing(self, written: str, path: Path, argument: str) -> None:
        parent = path.parent
        while not parent.exists() and parent != parent.parent:
            parent = parent.parent
        wanted = path.relative_to(parent).parts[0]
        ending = Path(wanted).suffix
        try:
            siblings = sorted(e.name for e in parent.iterdir() if e.suffix == ending)
        except OSError:
            siblings = []
        notes = [f"relative paths start from the folder of the spec, {self.root.resolve()}"]
        if parent != path.parent:
            notes.append(f"the part that exists is {parent}")
        self.error(
            "path-not-found",
            f"there is no file or folder `{written}`",
            argument,
            hint=did_you_mean(wanted, siblings),
            notes=tuple(notes),
        )


def _other_word(path: Path) -> tuple[str, ...]:
    word = {".csv": "CSV", ".tsv": "CSV", ".npz": "NPZ"}.get(path.suffix.lower())
    return (f"for a file like this, write `{word}`",) if word else ()


def refuse_twice(request: Request) -> None:
    """An error for every class that `classes` names twice: it would have two labels."""
    written = request.get("classes")
    names = list(map(str, written)) if isinstance(written, tuple | list) else []
    for name in sorted({name for name in names if names.count(name) > 1}):
        request.error(
            "duplicate-class",
            f"`classes` names `{name[:40]}` more than once",
            "classes",
            notes=("each class has one label, its place in the list",),
        )


def related(span: Span, label: str) -> tuple[Related, ...]:
    """One other place."""
    return (Related(span, label),)
