"""Judges manifests by the schemas of Kubernetes and of Dask's operator, offline and strictly; prints what is wrong.

    judge_manifests.py FILE...      each of JSON documents, one a line

Runs in an environment of its own, which has the schemas: `.venv/places`.
"""

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import yaml

VERSION = "1.31"
"""Of Kubernetes."""

DEFINITIONS = "operator/deployment/helm/dask-kubernetes-operator/crds/daskcluster.yaml"


def strict(schema: Any) -> Any:
    """The schema with nothing allowed that it does not name."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: strict(value) for name, value in schema.items()}
    named = isinstance(found.get("properties"), dict) and found["properties"] and "type" in found
    if named and not found.get("x-kubernetes-preserve-unknown-fields"):
        found.setdefault("additionalProperties", False)
    return found


def of_the_operator() -> Any:
    """The schema of its clusters."""
    package = importlib.util.find_spec("dask_kubernetes")
    assert package is not None
    assert package.submodule_search_locations
    text = Path(package.submodule_search_locations[0], DEFINITIONS).read_text("utf-8")
    [version] = yaml.safe_load(text)["spec"]["versions"]
    schema = strict(version["schema"]["openAPIV3Schema"])
    for name in ("apiVersion", "kind"):
        schema["properties"].setdefault(name, {"type": "string"})
    schema["properties"].setdefault("metadata", {"type": "object"})
    return schema


def standard(document: Any) -> Iterator[Any]:
    """What of a document is of Kubernetes itself."""
    if document["kind"] != "DaskCluster":
        yield document
        return
    metadata = {"name": document["metadata"]["name"], "namespace": document["metadata"]["namespace"]}
    for part in ("scheduler", "worker"):
        found = document["spec"][part]
        labels = {**metadata, **found.get("metadata", {})}
        yield {"apiVersion": "v1", "kind": "Pod", "metadata": labels, "spec": found["spec"]}
    service = document["spec"]["scheduler"]["service"]
    yield {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": service}


def wrong(document: Any) -> Iterator[str]:
    """What is wrong with a document."""
    name = f"{document['kind']} {document['metadata']['name']}"
    if document["kind"] == "DaskCluster":
        for error in jsonschema.Draft202012Validator(of_the_operator()).iter_errors(document):
            yield f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
    for manifest in standard(document):
        try:
            kubernetes_validate.validate(manifest, VERSION, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{name}: {manifest['kind']}: {'/'.join(map(str, error.path))}: {error.message[:300]}"


if __name__ == "__main__":
    for file in sys.argv[1:]:
        for line in Path(file).read_text("utf-8").splitlines():
            for found in wrong(json.loads(line)):
                print(found)
    print("judged")
