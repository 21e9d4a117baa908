"""Turns the merged SAM template into plain CloudFormation, offline.

The translated template is what is linted, tested, run locally and deployed: nobody downstream
needs the SAM transform, and nothing is decided later.
"""

# ruff: noqa: PLC0415 -- the translator takes a second to import
from __future__ import annotations

import os
from pathlib import Path
from typing import Any

ARTEFACTS = "ArtefactBucket"
PLACE = "artefacts-of-this-stage"  # stands for the bucket while SAM looks at the template
REGION = "eu-central-1"


def translate(sam: Path, keys: dict[str, str]) -> dict[str, Any]:
    """Return the CloudFormation template; `keys` are the S3 keys of the files it refers to."""
    # The translator asks for a region, and for nothing else of AWS.
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    from samtranslator.parser.parser import Parser
    from samtranslator.sdk.parameter import SamParameterValues
    from samtranslator.translator.translator import Translator
    from samtranslator.yaml_helper import yaml_parse

    template = yaml_parse(sam.read_text(encoding="utf-8"))
    _point_to_artefacts(template, keys)
    parameters = SamParameterValues({})
    parameters.add_default_parameter_values(template)
    translator = Translator({}, Parser())
    result: dict[str, Any] = translator.translate(template, parameters.parameter_values)
    result.setdefault("Parameters", {})[ARTEFACTS] = {
        "Type": "String",
        "Description": "The bucket in which the packages of the functions lie.",
    }
    named: dict[str, Any] = _name_the_bucket(result)
    return named


def _point_to_artefacts(template: dict[str, Any], keys: dict[str, str]) -> None:
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        for field in ("CodeUri", "ContentUri"):
            if isinstance(properties.get(field), str):
                name = Path(properties[field]).name
                properties[field] = f"s3://{PLACE}/{keys[name]}"


def _name_the_bucket(value: Any) -> Any:  # noqa: ANN401
    """Replace the place-holder by the parameter, wherever it is."""
    if isinstance(value, dict):
        return {name: _name_the_bucket(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_name_the_bucket(inner) for inner in value]
    return {"Ref": ARTEFACTS} if value == PLACE else value
