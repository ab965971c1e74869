"""When every layer is made: each gets its name, and is told what it is called on."""

from __future__ import annotations

from modelforge.catalog.naming import free_name
from modelforge.document import Entry, Mapping, Node, Scalar, Sequence
from modelforge.expand.scope import Made, Named, Reference, Scope
from modelforge.findings import Findings, Related, Span, did_you_mean, listed

_MODELS = ("model", "use", "load")  # what may have outputs with names


class Linker:
    """Links the layers of one model."""

    def __init__(self, made: list[Made | Node], inputs: list[str], findings: Findings) -> None:
        self._made = made
        self._inputs = inputs
        self._findings = findings
        self._names: set[str] = set()
        self._name_all()

    def items(self) -> list[Node]:
        """The plain items of `layers`, in the order in which they were made."""
        items: list[Node] = []
        above: Made | None = None
        for made in self._made:
            if isinstance(made, Made):
                items.append(self._item(made, above, first=not items))
                above = made
            else:
                items.append(made)
        return items

    def output(self, scope: Scope, node: Node) -> Node:
        """An entry of `model.outputs`; the name of a block means its last layer."""
        if not isinstance(node, Scalar):
            return node
        name = str(node.value)
        if name in scope.names:
            return self._scalar(self._final(scope.names[name]), node, node)
        part = "" if name in self._names else self._part(Named(name, node.span, scope))
        return self._scalar(part or None, node, node)

    def _name_all(self) -> None:
        layers = [made for made in self._made if isinstance(made, Made)]
        self._names = {name.lower() for name in self._inputs}
        self._names |= {made.name.lower() for made in layers if made.name}
        numbers: dict[str, int] = {}
        for made in layers:
            if made.name is None:
                made.name = free_name(made.scope.prefix + made.stem, self._names, numbers)
                self._names.add(made.name.lower())
            # Inside a block or a branch also a name that was not given can be used.
            made.scope.names.setdefault(made.name.removeprefix(made.scope.prefix), made)
        self._names = {made.name for made in layers if made.name} | set(self._inputs)
        self._names |= {part for made in layers for part in _parts(made)}

    def _item(self, made: Made, above: Made | None, *, first: bool) -> Mapping:
        assert made.name is not None
        word = made.word
        span = word.key_span
        if made.is_use:
            word = Entry(word.key, word.key_span, self._shared(word.value, made.scope))
        named = made.name_span or span
        entries = {word.key: word, "name": Entry("name", named, Scalar(made.name, named, True))}
        source = self._source(made, above, first=first)
        if source is not None:
            entries["from"] = source
        if made.call is not None:
            entries["call"] = made.call
        return Mapping(entries, span)

    def _source(self, made: Made, above: Made | None, *, first: bool) -> Entry | None:
        span = made.word.key_span
        if made.written is not None:
            value = self._looked_up(made.written.value, made.scope)
            return Entry("from", made.written.key_span, value)
        if made.sources is not None:
            names = [
                Scalar(self._known(source, made), self._blamed(source, span), True)
                for source in made.sources
            ]
            return Entry("from", span, Sequence([*names], span))
        found = self._final(made.source)
        only_input = self._inputs[0] if len(self._inputs) == 1 else ""
        if made.merges or found is above or (first and found in (None, only_input)):
            return None  # that is what stands above it, or the wiring says what is missing
        name = self._known(found, made)
        return Entry("from", span, Scalar(name, self._blamed(made.source, span), True))

    def _known(self, reference: Reference, made: Made) -> str:
        found = self._final(reference)
        if isinstance(found, Made):
            return str(found.name)
        if isinstance(found, str):
            return found
        scope = made.scope.root
        names = [*scope.names] if scope.block else self._inputs
        self._findings.error(
            "ambiguous-input",
            f"this layer has {len(names)} inputs to choose from",
            made.word.key_span,
            hint="say `from: ...` beside it",
            notes=["the inputs: " + listed(names)],
        )
        return names[0]

    def _final(self, reference: Reference) -> Made | str | None:
        """What a reference leads to; a name that nothing bears stays as it was written."""
        seen: set[int] = set()
        while isinstance(reference, Named) and id(reference) not in seen:
            seen.add(id(reference))
            found = reference.scope.find(reference.name)
            if found is None:
                return self._outside(reference)
            reference = found
        if isinstance(reference, Named):
            self._findings.error(
                "cycle",
                f"`{reference.name}` stands for itself",
                reference.span,
                notes=["it names what it is called on"],
            )
            return reference.name
        return reference

    def _blamed(self, reference: Reference, span: Span) -> Span:
        """Where a name was written that a block was given; `span` where no name was."""
        seen: set[int] = set()
        while isinstance(reference, Named) and id(reference) not in seen:
            seen.add(id(reference))
            span, reference = reference.span, reference.scope.find(reference.name)
        return span

    def _outside(self, reference: Named) -> str:
        """A name that no scope knows: of a layer in a block, by its path, or of nothing."""
        scope, name = reference.scope, reference.name
        for around in scope.around():
            if around.prefix + name in self._names:
                return around.prefix + name
        part = self._part(reference)
        if part:
            return part
        absent = next((a.absent[name] for a in scope.around() if name in a.absent), None)
        if absent is not None:
            self._findings.error(
                "unknown-source",
                f"the layer `{name}` is not there, since its `if` is false",
                reference.span,
                hint="put what is called on it under the same `if`",
                related=[Related(absent, f"`{name}`")],
            )
            return self._any(name)
        if scope.root.block and not self._findings.enough("unknown-source"):
            known = [*dict.fromkeys(n for around in scope.around() for n in around.names)]
            self._findings.error(
                "unknown-source",
                f"the block `{scope.root.block}` has no layer or input called `{name}`",
                reference.span,
                hint=did_you_mean(name, known),
                notes=[
                    "names: " + listed(known, 20),
                    "a block sees what comes in as its inputs, and its own layers",
                ],
            )
            return self._any(name)
        return name

    def _any(self, name: str) -> str:
        """A name that is there, so that nothing else is blamed for one that is not."""
        return min(self._names, default=name)

    def _part(self, reference: Named) -> str:
        """`encoder.1`, `model.mean`: one output of what a name stands for; empty for none."""
        whole, dot, part = reference.name.rpartition(".")
        while dot:
            found: Reference = Named(whole, reference.span, reference.scope)
            if reference.scope.find(whole) is not None:
                found = self._final(found)
            if isinstance(found, Made) and (part.isdigit() or found.word.key in _MODELS):
                return f"{found.name}.{part}"
            whole, dot, more = whole.rpartition(".")
            part = f"{more}.{part}"
        return ""

    def _shared(self, node: Node, scope: Scope) -> Node:
        """The layer that a `use` speaks of."""
        found = self._looked_up(node, scope)
        if not isinstance(node, Scalar) or not isinstance(found, Scalar):
            return found
        here = {around.prefix + str(node.value) for around in scope.around()}
        reference = scope.find(str(node.value))
        if reference is not None and found.value not in here:
            self._findings.error(
                "use-of-several",
                f"`{node.value}` is not one layer, and `use` applies a single one again",
                node.span,
                hint="make it a layer: `- model: {layers: [...]}`",
                notes=[f"its last layer is `{found.value}`"],
            )
        return found

    def _looked_up(self, node: Node, scope: Scope) -> Node:
        """A `from` with the whole names of the layers that it means."""
        if isinstance(node, Sequence):
            return Sequence([self._looked_up(item, scope) for item in node.items], node.span)
        if isinstance(node, Mapping):
            return Mapping(
                {e.key: Entry(e.key, e.key_span, self._looked_up(e.value, scope)) for e in node},
                node.span,
            )
        if not isinstance(node.value, str) or "${" in node.value:
            return node
        named = Named(node.value, node.span, scope)
        found = self._scalar(self._final(named), node, node)
        return Scalar(found.value, self._blamed(named, node.span), True, found.origin)

    def _scalar(self, found: Made | str | None, node: Scalar, written: Scalar) -> Scalar:
        name = found.name if isinstance(found, Made) else found
        return Scalar(name, node.span, True, written.origin) if name else node


def _parts(made: Made) -> list[str]:
    """What the outputs of a model among the layers are called: `encoder.mean`."""
    model = made.word.value
    outputs = model.get("outputs") if isinstance(model, Mapping) else None
    if made.word.key != "model" or not isinstance(outputs, Sequence):
        return []
    names = [item.value for item in outputs.items if isinstance(item, Scalar)]
    return [f"{made.name}.{name}" for name in names]
