"""The template as a whole: nothing dangles, nothing is doubled, AWS would take it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import yaml

from tests.architecture.reading import ROOT, Template, references, walk

if TYPE_CHECKING:
    from local.package import Package

INTRINSICS = {"Ref", "Condition"}
MAXIMUM = {"resources": 500, "bytes": 1_000_000}


def test_every_reference_has_something_to_refer_to(template: Template) -> None:
    """A misspelt logical id is found here and not by CloudFormation."""
    known = set(template.resources) | set(template.body["Parameters"])
    for name, resource in template.resources.items():
        for reference in references(resource):
            assert reference in known or reference.startswith("AWS::"), f"{name} → {reference}"


def test_every_dependency_and_condition_exists(template: Template) -> None:
    """`DependsOn` and `Condition` are names too."""
    for name, resource in template.resources.items():
        needed = resource.get("DependsOn", [])
        for other in [needed] if isinstance(needed, str) else needed:
            assert other in template.resources, name
        if "Condition" in resource:
            assert resource["Condition"] in template.body["Conditions"], name


def test_no_value_is_two_intrinsics_at_once(template: Template) -> None:
    """Merging one intrinsic over another leaves both, which AWS refuses."""
    for node in walk(template.resources):
        functions = [key for key in node if key.startswith("Fn::") or key == "Ref"]
        assert not functions or len(node) == 1, node


def test_no_placeholder_of_the_code_reaches_the_template(template: Template) -> None:
    """Streams and queues in the code are placeholders; the merge file gives the real ones."""
    assert "placeholder" not in str(template.body)


def test_every_parameter_is_used_and_described(template: Template) -> None:
    """A parameter that the translation has baked in would be ignored at deployment."""
    used = set(references([template.resources, template.body["Conditions"]]))
    for name, parameter in template.body["Parameters"].items():
        assert name in used, name
        assert len(parameter["Description"]) > 30, name


def test_every_resource_of_the_merge_file_arrives_whole() -> None:
    """A misspelt id in the merge file would make a second resource without a type."""
    merged = yaml.load(  # the build's own output, read as plain YAML
        (ROOT / ".local/build/dev/merged/sam.yaml").read_text(encoding="utf-8"),
        Loader=yaml.SafeLoader,
    )
    for name, resource in merged["Resources"].items():
        assert "Type" in resource, name


def test_outputs_name_what_an_operator_needs(template: Template) -> None:
    """Address, bucket, tables, alarms and dashboard are printed after a deployment."""
    outputs = set(template.body["Outputs"])
    tables = {f"{table}Name" for table in template.of("DynamoDB::Table")}
    assert {"ApiUrl", "DocumentsBucketName", "DeadLettersQueueUrl", "AlarmTopicArn"} <= outputs
    assert tables | {"DashboardUrl"} <= outputs


def test_the_template_is_within_the_limits_of_cloudformation(package: Package) -> None:
    """500 resources, a megabyte of text."""
    text = package.template.read_text(encoding="utf-8")
    assert len(text.encode()) <= MAXIMUM["bytes"]
    assert text.count('"Type": "AWS::') <= MAXIMUM["resources"]


def test_cfn_lint_has_nothing_to_say(package: Package) -> None:
    """AWS's own schema of every resource holds, in Frankfurt, without an exception."""
    start = "from cfnlint.runner.cli import main; main()"
    command = [sys.executable, "-c", start, str(package.template), "--regions", "eu-central-1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_chalice_itself_finds_the_configuration_valid() -> None:
    """`chalice package` skips the checks that `chalice deploy` makes; here they are made."""
    check = (
        "from chalice.cli.factory import CLIFactory\n"
        "from chalice.deploy.validate import validate_configuration\n"
        f"factory = CLIFactory({str(ROOT)!r}, environ={{}})\n"
        "validate_configuration(factory.create_config_obj(chalice_stage_name='dev'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", check],
        cwd=ROOT,
        env={**os.environ, "AWS_DEFAULT_REGION": "eu-central-1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
