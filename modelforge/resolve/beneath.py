"""Where a path in `extends` leads: to a file beneath the folder of the spec, or nowhere."""

from __future__ import annotations

import os
import re

from modelforge.document.characters import unseen

_LONGEST = 1_000  # characters
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # two letters or more: `C:` is a drive
_DRIVE = re.compile(r"[A-Za-z]:")


class Refused(Exception):
    """A path that may not be followed: why, and what to write instead."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason, self.hint = reason, hint


class Folder:
    """The folder of the spec that a command was given; nothing outside it is read.

    shown: the folder as the user wrote it, so that messages name files as the user would.
    """

    def __init__(self, spec: str) -> None:
        self.shown = "" if spec == "<stdin>" else os.path.dirname(spec)
        self._real = os.path.realpath(self.shown or ".")

    def find(self, path: str, said_in: str) -> str:
        """The name of the file that a path means where it is said in that file."""
        _check(path)
        beside = os.path.dirname(said_in) if said_in != "<stdin>" else self.shown
        # Links are followed before the folder is compared: one of them may lead out of it.
        real = os.path.realpath(os.path.join(beside, path))
        if os.path.commonpath([real, self._real]) != self._real:
            raise Refused(
                "leads out of the folder of the spec",
                "move the file into that folder, or the spec beside it",
            )
        return os.path.join(self.shown, os.path.relpath(real, self._real))


def identity(path: str) -> str:
    """What is the same for two names of one file."""
    return os.path.realpath(path)


def _check(path: str) -> None:
    if not path.strip() or len(path) > _LONGEST:
        raise Refused("is no path", "write the name of a file")
    if "${" in path:
        raise Refused("cannot be computed", "write the name of a file")
    if unseen(path) or any(character in path for character in "\n\t"):
        raise Refused("contains a character that no path has")
    if _SCHEME.match(path):
        raise Refused("is a URL; a spec names files only", "download it, and name the file")
    if path.startswith(("/", "\\", "~")) or _DRIVE.match(path):
        raise Refused("is absolute", "write a path relative to this file")
    if "\\" in path:
        raise Refused("contains a backslash", f"write `{path.replace(chr(92), '/')}`")
