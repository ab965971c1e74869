"""The front door: overrides, then variables; a tree without `vars` comes out."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Facts
from collections.abc import Sequence as Many
from typing import TYPE_CHECKING

from modelforge.document import Mapping, Node, Plain
from modelforge.findings import Finding, Findings, Span, did_you_mean
from modelforge.resolve.order import ordered
from modelforge.resolve.parser import RESERVED
from modelforge.resolve.resolver import Resolver
from modelforge.resolve.scope import Scope

if TYPE_CHECKING:
    from modelforge.resolve.later import Wanted
    from modelforge.resolve.paths import FirstArgument

Expand = Callable[[Mapping, Resolver], Node]


def resolve(
    root: Mapping,
    overrides: Many[str],
    findings: Findings,
    facts: Facts[str, Plain] | None = None,
    first_argument: FirstArgument | None = None,
    expand: Expand | None = None,
    opened: bool = True,
) -> Mapping:
    """The spec with its overrides applied and every `${...}` computed, without `vars`.

    overrides: `path=value`, as after `--set`. facts: what `data.*` names, once the data is
    opened; without them such expressions stay (as `Waiting`). first_argument: the argument that
    a word's short form sets (`Dense: 64`), where a `--set` path goes into it. expand: resolves the
    spec instead, where some of its values depend on more than variables (parameters of blocks).
    opened: false where `facts` are only those that are known before the data is opened.
    """
    root, later = _changed(root, overrides, findings, first_argument or _nobody_knows)
    declared = root.get("vars")
    if declared is not None and not isinstance(declared, Mapping):
        findings.error(
            "variables",
            "`vars` must be a mapping of names to values",
            root.entries["vars"].key_span,
            hint="write `name: value` below it",
        )
        declared = None
    if declared is not None:
        _check_names(declared, findings)
    scope = Scope(declared, facts, opened)
    resolver = Resolver(scope, findings)
    resolver.variables(ordered(scope, findings))
    rest = Mapping({key: entry for key, entry in root.entries.items() if key != "vars"}, root.span)
    resolved = expand(rest, resolver) if expand else resolver.node(rest)
    if not isinstance(resolved, Mapping):
        # A key `${...}` on the top level leaves nothing that could be read.
        resolved = Mapping({}, root.span)
    elif later:
        from modelforge.resolve.later import put_late

        resolved = put_late(resolved, later, resolver, findings, first_argument or _nobody_knows)
    _unused(scope, findings)
    return resolved


def _changed(
    root: Mapping, overrides: Many[str], findings: Findings, first_argument: FirstArgument
) -> tuple[Mapping, list[Wanted]]:
    """The spec with its overrides, and what waits for layers that are still to be made."""
    later: list[Wanted] = []
    # A plain spec is spared the imports.
    if "patch" in root.entries:
        from modelforge.resolve.patch import take_left

        root, later = take_left(root)
    if overrides:
        from modelforge.resolve.overrides import override

        for text in overrides:
            root = override(root, text, findings, first_argument, later)
    return root, later


def _nobody_knows(word: str) -> str | None:
    return None


def _check_names(declared: Mapping, findings: Findings) -> None:
    for entry in declared:
        if entry.key in RESERVED:
            reason = f"`{entry.key}` means something else in expressions"
        elif not entry.key.isidentifier():
            reason = "names consist of letters, digits and `_`, and begin with no digit"
        else:
            continue
        findings.error(
            "variable-name",
            f"`{entry.key}` cannot be the name of a variable",
            entry.key_span,
            notes=[reason],
        )


def _unused(scope: Scope, findings: Findings) -> None:
    # What uses a variable may be the very thing that could not be read.
    if findings.errors:
        return
    findings.extend(
        _unused_variable(name, entry.key_span, scope)
        for name, entry in scope.declared.items()
        # What a base declares may be for other specs that extend it.
        if name not in scope.used and entry.key_span.source.extended is None
    )


def _unused_variable(name: str, span: Span, scope: Scope) -> Finding:
    hint = f"use it as `${{{name}}}`, or delete it"
    from modelforge.resolve.overrides import NAME

    meant_for_another = span.source.name == NAME or any(
        entry.key_span.source.extended is not None for entry in scope.declared.values()
    )
    if meant_for_another:
        hint = did_you_mean(name, [other for other in scope.declared if other != name])
    message = f"the variable `{name}` is never used"
    return Finding("unused-variable", message, span, "warning", hint)
