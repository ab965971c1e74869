"""Asks a model in TensorFlow Serving about image files; needs nothing but Python.

python ask.py http://localhost:8501/v1/models/pictures cat.jpg dog.webp
"""

import base64
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path

url, *files = sys.argv[1:]
instances = [
    {"image_bytes": {"b64": base64.b64encode(Path(file).read_bytes()).decode()}} for file in files
]
request = urllib.request.Request(
    f"{url}:predict",
    data=json.dumps({"instances": instances}).encode(),
    headers={"Content-Type": "application/json"},
)
try:
    with urllib.request.urlopen(request, timeout=60) as response:
        predictions = json.load(response)["predictions"]
except urllib.error.HTTPError as error:
    sys.exit(json.load(error)["error"])

for file, found in zip(files, predictions, strict=True):
    best = zip(found["top_k_labels"], found["top_k_scores"], strict=True)
    print(f"{file}: " + ", ".join(f"{label} {score:.1%}" for label, score in best))
