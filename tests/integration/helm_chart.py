"""
Lint, render and validate a chart, as `.venv-kubernetes`: the values come as JSON on standard input.

It imports nothing of ours. What it found is JSON on standard output; values that are refused are a
message under `refused`.
"""

import json
import sys

import helm_python as helm
import kubernetes_validate
import yaml

VERSION = "1.37"


def main(chart: str, given: dict) -> dict:
    """Return messages of lint, documents, notes, and what is wrong with each document."""
    with helm.Chart.load(chart) as loaded:
        try:
            rendered = loaded.render(
                given.get("values"), name=given.get("release", "churn"), namespace="prod"
            )
        except helm.HelmValuesError as error:
            return {"refused": str(error)}
    documents = [
        document
        for path, text in sorted(rendered.items())
        if path.endswith(".yaml")
        for document in yaml.safe_load_all(text)
        if document
    ]

    return {
        "lint": helm.lint(chart),
        "documents": documents,
        "faults": [fault for document in documents for fault in faults(document)],
        "text": "\n".join(rendered.values()),
    }


def faults(document: dict) -> list[str]:
    """Return what Kubernetes' schema has against a document; a field it does not know is one."""
    try:
        kubernetes_validate.validate(document, VERSION, strict=True)
    except kubernetes_validate.ValidationError as error:
        return [f"{document['kind']}: {error.message}"]
    except kubernetes_validate.SchemaNotFoundError:
        return [f"{document['kind']}: no schema"]

    return []


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], json.load(sys.stdin))))
