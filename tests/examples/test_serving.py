"""The worked project `examples/serving`: what its README says, against a server that speaks REST.

TensorFlow Serving is no Python package. The server below takes its place: it reads the base path
and JSON as Serving's REST API describes them (`instances`, `b64`, `predictions`, `error`).
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from click.testing import Result

EXAMPLE = Path(__file__).parents[2] / "examples" / "serving"
PICTURES = Path(__file__).parents[1] / "data" / "pictures"
README = (EXAMPLE / "README.md").read_text(encoding="utf-8")
Run = Callable[..., Result]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example after its commands, on pictures that are red or blue."""
    from modelforge.cli.main import run

    folder = tmp_path_factory.mktemp("example") / "serving"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("run", "pictures"))
    random = np.random.default_rng(0)
    for name, channel in (("blau", 2), ("röd", 0)):
        (folder / "pictures" / name).mkdir(parents=True)
        for number in range(20):
            pixels = random.integers(0, 60, (70, 90, 3))
            pixels[..., channel] += 180
            jpeg = tf.io.encode_jpeg(pixels.astype("uint8")).numpy()
            (folder / "pictures" / name / f"{number}.jpg").write_bytes(jpeg)
    shutil.copy(folder / "pictures" / "röd" / "3.jpg", folder / "new.jpg")
    shutil.copy(PICTURES / "lossy.webp", folder / "other.webp")
    spec = str(folder / "pictures.yaml")
    quick = ["--set", "train.epochs=6", "--set", "train.optimizer.Adam.learning_rate=0.02"]
    assert run(["train", spec, "-q", "--run", str(folder / "run"), *quick]) == 0
    assert run(["export", str(folder / "run"), "SavedModel", "--version", "2"]) == 0
    return folder


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    """Where the model is served; of several versions the highest."""
    base = folder / "run" / "export" / "serving"
    newest = max((path for path in base.iterdir() if path.name.isdecimal()), key=lambda it: it.name)
    assert newest.name == "2"
    loaded = tf.saved_model.load(str(newest))
    server = HTTPServer(("127.0.0.1", 0), handler(loaded.signatures["serving_default"]))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/models/pictures"
    server.shutdown()
    server.server_close()


def handler(serve: Any) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/models/pictures:predict"
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            code, answer = 200, {}
            try:
                answer = {"predictions": predictions(serve, body["instances"])}
            except tf.errors.OpError as error:
                code, answer = 400, {"error": error.message}
            sent = json.dumps(answer, ensure_ascii=False).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Nothing."""

    return Handler


def predictions(serve: Any, instances: list[dict[str, Any]]) -> list[dict[str, Any]]:
    (name,) = instances[0]
    contents = [base64.b64decode(it[name]["b64"], validate=True) for it in instances]
    outputs = serve(**{name: tf.constant(contents)})
    return [
        {key: plain(tensor[row]) for key, tensor in outputs.items()}
        for row in range(len(instances))
    ]


def plain(tensor: Any) -> Any:
    values = tensor.numpy()
    if tensor.dtype != tf.string:
        return values.tolist()
    return [it.decode() for it in values] if tensor.shape.rank else values.decode()


def command(start: str) -> str:
    """The only command of the README that begins so."""
    (found,) = re.findall(rf"^\$ ({re.escape(start)}.*)$", README, re.MULTILINE)
    return str(found)


def test_the_line_with_curl(folder: Path, url: str) -> None:
    line = command("curl").replace("http://localhost:8501/v1/models/pictures", url)
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, capture_output=True, check=True, encoding="utf-8"
    )
    (found,) = json.loads(done.stdout)["predictions"]
    assert found["label"] == found["top_k_labels"][0] == "röd"
    assert found["top_k_scores"][0] == max(found["scores"]) > 0.5
    assert set(found) == {"kind", "scores", "label", "top_k_labels", "top_k_scores"}


def ask(folder: Path, url: str, *files: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-X", "utf8", "ask.py", url, *files]
    return subprocess.run(line, cwd=folder, capture_output=True, check=False, encoding="utf-8")


def test_the_client_in_python(folder: Path, url: str) -> None:
    done = ask(folder, url, "new.jpg", "other.webp")
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert re.fullmatch(r"new\.jpg: röd \d+\.\d%, blau \d+\.\d%", first)
    assert second.startswith("other.webp: ")


def test_an_image_that_was_cut_off_is_told_by_its_number(folder: Path, url: str) -> None:
    (folder / "cut.jpg").write_bytes((folder / "new.jpg").read_bytes()[:-200])
    done = ask(folder, url, "new.jpg", "cut.jpg")
    assert done.returncode == 1
    (told,) = re.findall(r"`(image 1 of the batch [^`]*)`", README.replace("\n", " "))
    assert told in done.stderr


def test_the_function_without_a_server(folder: Path) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    line = [sys.executable, "-c", code, "new.jpg"]
    done = subprocess.run(line, cwd=folder, capture_output=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(np.array(["röd".encode()], dtype=object))


def test_what_the_table_says_is_there(folder: Path) -> None:
    export = README.split("```yaml\n")[1].split("```")[0]
    assert export in (EXAMPLE / "pictures.yaml").read_text(encoding="utf-8")
    loaded = tf.saved_model.load(str(folder / "run" / "export" / "serving" / "1"))
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \|$", README, re.MULTILINE)
    assert {name for name, *_ in rows} == set(loaded.signatures) - {"serve"}
    outputs = set(
        re.findall(r"`(\w+)`", {name: gives for name, _, gives in rows}["serving_default"])
    )
    assert outputs == set(loaded.signatures["serving_default"].structured_outputs)
    assert loaded.signatures["serve_tensor"].structured_input_signature[1]["input"].shape == (
        None, 64, 64, 3,
    )  # fmt: skip
