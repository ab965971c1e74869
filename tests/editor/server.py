"""The real yaml-language-server, started and spoken to as an editor does.

It is installed with npm below the Python environment, once; see `command`.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

PACKAGE = "yaml-language-server"
VERSION = "1.25.0"  # the last one that runs on Node.js 20
CURSOR = "‸"
LONGEST = 60.0  # seconds until a silent server counts as broken

SETTINGS = {
    "validate": True,
    "completion": True,
    "hover": True,
    "schemaStore": {"enable": False},
}


def command() -> list[str]:
    """The command that starts the server; skips the test where it cannot be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("the language server needs Node.js and npm, which are not installed")
    folder = Path(sys.prefix) / "share" / "node" / f"{PACKAGE}-{VERSION}"
    if not folder.exists():
        _install(npm, folder)
    return [node, str(folder / "node_modules" / PACKAGE / "bin" / PACKAGE), "--stdio"]


def _install(npm: str, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Two test processes may do this at once: the first that is ready wins.
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        options = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
        done = subprocess.run(
            [npm, "install", *options, f"{PACKAGE}@{VERSION}"],
            cwd=temporary,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            pytest.skip(f"npm cannot install {PACKAGE} {VERSION}: {reason}")
        if not folder.exists():
            shutil.copytree(temporary, f"{folder}.{os.getpid()}", symlinks=True)
            try:
                os.rename(f"{folder}.{os.getpid()}", folder)
            except OSError:
                shutil.rmtree(f"{folder}.{os.getpid()}")


@dataclass(frozen=True)
class Problem:
    """A diagnostic: the 1-based line, the text that is underlined, and what is said."""

    line: int
    text: str
    message: str


class Server:
    """A running server that works in a project's folder, on documents that only it knows."""

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self._root = folder.as_uri()
        self._settings = {**SETTINGS, **settings}
        self._process = subprocess.Popen(
            command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self._diagnostics: queue.Queue[dict[str, Any]] = queue.Queue()
        self._count = 0
        threading.Thread(target=self._listen, daemon=True).start()
        item = {"snippetSupport": True, "documentationFormat": ["markdown", "plaintext"]}
        document = {
            "completion": {"completionItem": item},
            "hover": {"contentFormat": ["markdown"]},
        }
        self._request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": self._root,
                "workspaceFolders": [{"uri": self._root, "name": "tests"}],
                "capabilities": {
                    "textDocument": document,
                    "workspace": {"configuration": True, "workspaceFolders": True},
                },
            },
        )
        self._notify("initialized", {})
        self._notify("workspace/didChangeConfiguration", {"settings": {"yaml": self._settings}})
        # It asks for its settings in its own time; without them it finds nothing.
        self._wait_until_it_knows_the_schema()

    def problems(self, text: str, name: str = "spec-{}.modelforge.yaml") -> list[Problem]:
        """What the editor underlines in a document; name: of its file, {} for a number."""
        uri = self._open(text, name)
        while True:
            told = self._diagnostics.get(timeout=LONGEST)
            if told["uri"] == uri:
                break
        self._close(uri)
        return [_problem(found, text) for found in told["diagnostics"]]

    def completions(self, text: str) -> dict[str, dict[str, Any]]:
        """What the editor offers at the cursor, by label."""
        answer = self._at_cursor("textDocument/completion", text)
        items = answer["items"] if isinstance(answer, dict) else answer or []
        return {item["label"]: item for item in items}

    def hover(self, text: str) -> str:
        """What the editor shows for the word under the cursor; empty for nothing."""
        answer = self._at_cursor("textDocument/hover", text)
        return str(answer["contents"]["value"]) if answer else ""

    def stop(self) -> None:
        """Ends the server."""
        self._request("shutdown", None)
        self._notify("exit", None)
        self._process.wait(LONGEST)

    def _wait_until_it_knows_the_schema(self) -> None:
        until = time.monotonic() + LONGEST
        while not self.problems("no_such_key: 1\n"):
            assert time.monotonic() < until, "the language server does not read the schema"

    def _at_cursor(self, method: str, text: str) -> Any:
        before, _, after = text.partition(CURSOR)
        uri = self._open(before + after)
        line, column = before.count("\n"), len(before) - (before.rfind("\n") + 1)
        position = {"line": line, "character": column}
        answer = self._request(method, {"textDocument": {"uri": uri}, "position": position})
        self._close(uri)
        return answer

    def _open(self, text: str, name: str = "spec-{}.modelforge.yaml") -> str:
        self._count += 1
        uri = f"{self._root}/{name.format(self._count)}"
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._notify("textDocument/didOpen", {"textDocument": document})
        return uri

    def _close(self, uri: str) -> None:
        self._notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def _notify(self, method: str, parameters: Any) -> None:
        self._send({"method": method, "params": parameters})

    def _request(self, method: str, parameters: Any) -> Any:
        self._count += 1
        number = self._count
        self._send({"id": number, "method": method, "params": parameters})
        while True:
            answer = self._answers.get(timeout=LONGEST)
            if answer["id"] == number:
                assert "error" not in answer, answer
                return answer["result"]

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stream = self._process.stdin
        assert stream is not None
        stream.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        stream.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        while (message := _message(self._process.stdout)) is not None:
            if "method" not in message:
                self._answers.put(message)
            elif "id" in message:
                self._send({"id": message["id"], "result": self._configuration(message)})
            elif message["method"] == "textDocument/publishDiagnostics":
                self._diagnostics.put(message["params"])

    def _configuration(self, message: dict[str, Any]) -> Any:
        if message["method"] != "workspace/configuration":
            return None
        asked = [item.get("section") for item in message["params"]["items"]]
        return [self._settings if section == "yaml" else {"tabSize": 2} for section in asked]


def _message(stream: IO[bytes]) -> dict[str, Any] | None:
    """The next message; None at the end."""
    length = 0
    while line := stream.readline().strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    if not length:
        return None
    message: dict[str, Any] = json.loads(stream.read(length))
    return message


def _problem(found: dict[str, Any], text: str) -> Problem:
    start, end = found["range"]["start"], found["range"]["end"]
    line = text.split("\n")[start["line"]]
    until = end["character"] if end["line"] == start["line"] else len(line)
    return Problem(start["line"] + 1, line[start["character"] : until], found["message"])
