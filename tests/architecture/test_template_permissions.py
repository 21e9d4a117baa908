"""Who may do what: one role per function, and every star has a reason."""

from __future__ import annotations

import json
import re
from pathlib import PurePath

import pytest

from tests.architecture.reading import (
    FUNCTIONS,
    QUEUES,
    ROOT,
    STEPS,
    Template,
    as_list,
    references,
    target,
    text,
)

LOGS = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/"
SSM = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/kontor/${Stage}/*"
TOKENS = SSM.removesuffix("*") + "*/tokens/*"

# Each resource with a star that a policy may hold, and why AWS leaves no other way.
STARS = {
    f"{LOGS}${{AWS::StackName}}-*:*": "log streams are named by Lambda when it starts",
    SSM: "parameters are made at run time, one per connection, under this stage's path",
    TOKENS: "parameters are made at run time, one per connection whose sign-in rotates",
    "${DocumentsBucket.Arn}/*": "objects are made at run time, one per document",
    "${DocumentsBucket.Arn}/inbox/*": "objects are made at run time, one per long delivery",
    "${DocumentsBucket.Arn}/jobs/*": "objects are made at run time, one per upload",
    "${DocumentsBucket.Arn}/*/logos/*": "objects are made at run time, one per merchant and logo",
    "${DocumentsBucket.Arn}/*/20*/*.pdf": "objects are made at run time, one per document",
    "${DocumentsBucket.Arn}/*/20*/*.xml": "objects are made at run time, one per XRechnung",
    "${OrdersTable.Arn}/stream/*": "ListStreams is asked about all streams of a table",
    "${InboxTable.Arn}/stream/*": "ListStreams is asked about all streams of a table",
    "${StockTable.Arn}/stream/*": "ListStreams is asked about all streams of a table",
}
# Who may do what nobody else may.
ONLY = {
    "ses:SendRawEmail": {"notification"},
    "ssm:PutParameter": {"api_handler", "jobs", "writeback"},
    "ssm:DeleteParameter": {"api_handler"},
    "dynamodb:GetRecords": {"router", "movements"},
    "s3:PutObjectRetention": {"documents", "shipping"},
}


def _star(resource: str, function: str) -> str:
    return resource.replace(f"-{function}:*", "-*:*") if resource.startswith(LOGS) else resource


def test_every_function_has_a_role_of_its_own(template: Template) -> None:
    """What one function may do, no other inherits."""
    functions = template.of("Lambda::Function")
    roles = [target(function["Role"]) for function in functions.values()]
    assert len(set(roles)) == len(roles) == len(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_role_holds_exactly_its_policy_file(template: Template, name: str) -> None:
    """Nothing is added on the way from the file to the role."""
    role = template.of("IAM::Role")[
        target(template.of("Lambda::Function")[FUNCTIONS[name]]["Role"])
    ]
    written = json.loads((ROOT / "policies" / f"{name}.json").read_text())
    assert [policy["PolicyDocument"] for policy in role["Policies"]] == [written]
    assert "ManagedPolicyArns" not in role


@pytest.mark.parametrize("name", FUNCTIONS)
def test_only_lambda_can_take_a_role(template: Template, name: str) -> None:
    """No person and no other service acts with a function's rights."""
    role = template.of("IAM::Role")[
        target(template.of("Lambda::Function")[FUNCTIONS[name]]["Role"])
    ]
    [statement] = role["AssumeRolePolicyDocument"]["Statement"]
    assert json.dumps(statement["Principal"]).count("lambda") == 1


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_action_holds_a_star(template: Template, name: str) -> None:
    """Every right is named."""
    for statement in template.statements_of(FUNCTIONS[name]):
        assert statement["Effect"] == "Allow"
        for action in as_list(statement["Action"]):
            assert re.fullmatch(r"[a-z0-9]+:[A-Za-z]+", action), statement["Sid"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_star_in_a_resource_has_a_reason(template: Template, name: str) -> None:
    """A resource with a star is one of the few above, each with its reason."""
    for statement in template.statements_of(FUNCTIONS[name]):
        for resource in map(text, as_list(statement["Resource"])):
            assert "*" not in resource or _star(resource, name) in STARS, statement["Sid"]


def test_no_reason_is_given_for_a_star_that_nobody_uses(template: Template) -> None:
    """The list of exceptions shrinks with the exceptions."""
    used = {
        _star(resource, name)
        for name, function in FUNCTIONS.items()
        for statement in template.statements_of(function)
        for resource in map(text, as_list(statement["Resource"]))
        if "*" in resource
    }
    assert used == set(STARS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_statement_says_what_it_is_for_and_every_resource_is_ours(
    template: Template, name: str
) -> None:
    """A `Sid` per statement; a resource is part of this stack or of its own paths."""
    statements = template.statements_of(FUNCTIONS[name])
    assert len({statement["Sid"] for statement in statements}) == len(statements)
    for statement in statements:
        for resource in as_list(statement["Resource"]):
            assert list(references(resource)), f"{statement['Sid']}: {resource!r} is a literal"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_writes_only_its_own_log(template: Template, name: str) -> None:
    """The log group is made by the stack, with its retention."""
    logs = [
        statement
        for statement in template.statements_of(FUNCTIONS[name])
        if any(action.startswith("logs:") for action in as_list(statement["Action"]))
        and statement["Sid"] != "LookUpLostAnswers"
    ]
    assert [text(each["Resource"]) for each in logs] == [f"{LOGS}${{AWS::StackName}}-{name}:*"]
    assert sorted(logs[0]["Action"]) == ["logs:CreateLogStream", "logs:PutLogEvents"]


def test_only_the_mail_step_reads_a_log_and_only_that_of_the_mails(template: Template) -> None:
    """It looks there for a mail whose answer was lost."""
    found = {
        name: (statement["Action"], {x for x in references(statement["Resource"]) if "::" not in x})
        for name, function in FUNCTIONS.items()
        for statement in template.statements_of(function)
        if statement["Sid"] == "LookUpLostAnswers"
    }
    assert found == {"notification": (["logs:FilterLogEvents"], {"MailsSentLog"})}


@pytest.mark.parametrize("action", ["sqs:ReceiveMessage", "sqs:ChangeMessageVisibility"])
@pytest.mark.parametrize("name", QUEUES)
def test_a_worker_takes_from_its_own_queue_only(template: Template, name: str, action: str) -> None:
    """No step empties another's queue; in its own it may put a message off."""
    taken = [
        target(resource)
        for statement in template.statements_of(FUNCTIONS[name])
        if action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]
    assert taken == [QUEUES[name]]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_wakes_no_other_step(template: Template, step: str) -> None:
    """Facts travel through the router; a job is woken by intake, and by the step that does it."""
    for statement in template.statements_of(FUNCTIONS[step]):
        if "sqs:SendMessage" in as_list(statement["Action"]):
            queue = target(statement["Resource"])
            assert (step, queue) in {("intake", "JobsQueue"), ("documents", "DocumentsQueue")}


@pytest.mark.parametrize("action", ONLY)
def test_rights_with_consequences_belong_to_one_function(template: Template, action: str) -> None:
    """Who sends mail does not write secrets, and the other way round."""
    holders = {
        name
        for name, function in FUNCTIONS.items()
        for statement in template.statements_of(function)
        if action in as_list(statement["Action"])
    }
    assert holders == ONLY[action]


def test_jobs_read_documents_and_their_own_files_only(template: Template) -> None:
    """No logo and no long delivery: replaying names deliveries, and their steps read them."""
    read = {
        text(each).partition("Arn}")[2]
        for statement in template.statements_of(FUNCTIONS["jobs"])
        if "s3:GetObject" in as_list(statement["Action"])
        for each in as_list(statement["Resource"])
    }
    assert read == {"/jobs/*", "/*/20*/*.pdf", "/*/20*/*.xml"}


def test_nobody_deletes_facts_documents_or_deliveries(template: Template) -> None:
    """History is only ever added to: no function may delete rows or objects of it."""
    kept = {"OrdersTable", "InboxTable", "DocumentsTable", "PaymentsTable"}
    for function in FUNCTIONS.values():
        for statement in template.statements_of(function):
            actions = as_list(statement["Action"])
            assert not any(action.startswith("s3:Delete") for action in actions)
            if "dynamodb:DeleteItem" in actions:
                assert not kept & {target(each) for each in as_list(statement["Resource"])}


def test_the_only_managed_policy_is_the_one_api_gateway_asks_for(template: Template) -> None:
    """API Gateway refuses a log role that can not write to every log group of the account."""
    managed = [
        PurePath(text(arn)).name
        for role in template.of("IAM::Role").values()
        for arn in role.get("ManagedPolicyArns", [])
    ]
    assert managed == ["AmazonAPIGatewayPushToCloudWatchLogs"]


def test_functions_are_invoked_by_this_api_and_this_schedule_only(template: Template) -> None:
    """Every permission to invoke names its source, which is part of this stack."""
    for name, permission in template.of("Lambda::Permission").items():
        assert permission["Action"] == "lambda:InvokeFunction"
        assert "SourceArn" in permission, name
        sources = {"RestAPI", "SweeperSweeperEvent"}
        assert sources & set(references(permission["SourceArn"])), name
