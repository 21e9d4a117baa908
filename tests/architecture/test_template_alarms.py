"""What wakes a person, and what a person then sees; and what all of it costs when nothing runs."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.architecture.reading import QUEUES, STEPS, Template, target

MONTH_MINUTES = 365 * 24 * 60 / 12
# List prices of eu-central-1, 2026-11-23, in US dollars, without any free tier.
ALARM = 0.10
SQS_REQUEST = {False: 0.40e-6, True: 0.50e-6}  # True: in order
LAMBDA_REQUEST = 0.20e-6
ARM_GB_SECOND = 13.3334e-6
READ_UNIT = 0.1525e-6
# Lambda asks an idle queue with two long polls of 20 s; with a concurrency limit it stays at five.
POLLS_PER_MINUTE = {False: 2 * 3, True: 5 * 3}
SWEEP_SECONDS = 1.0
SWEEP_READ_UNITS = 10


def _alarms(template: Template) -> dict[str, dict[str, Any]]:
    return template.of("CloudWatch::Alarm")


def _dashboard(template: Template) -> dict[str, Any]:
    [dashboard] = template.of("CloudWatch::Dashboard").values()
    written = re.sub(r"\$\{[^}]+\}", "x", dashboard["DashboardBody"]["Fn::Sub"])
    body: dict[str, Any] = json.loads(written)
    return body


@pytest.mark.parametrize("step", STEPS)
def test_somebody_is_told_when_a_step_falls_behind(template: Template, step: str) -> None:
    """The age of the oldest message of each queue is watched."""
    watched = [
        alarm
        for alarm in _alarms(template).values()
        if alarm["MetricName"] == "ApproximateAgeOfOldestMessage"
        and target(alarm["Dimensions"][0]["Value"]) == QUEUES[step]
    ]
    assert [alarm["Threshold"] for alarm in watched] == [1800]


def test_somebody_is_told_of_every_dead_letter(template: Template) -> None:
    """One is enough; received is the only count that sees what a redrive brought."""
    alarm = _alarms(template)["DeadLettersAlarm"]
    assert alarm["MetricName"] == "NumberOfMessagesReceived"
    assert target(alarm["Dimensions"][0]["Value"]) == "DeadLettersQueue"
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")


@pytest.mark.parametrize(
    ("namespace", "metric"),
    [
        ("AWS/ApiGateway", "5XXError"),
        ("AWS/Lambda", "Throttles"),
        ("AWS/Lambda", "Errors"),
        ("AWS/Lambda", "IteratorAge"),
        ("Kontor", "Tampering"),
    ],
)
def test_somebody_is_told_of_errors_throttles_and_forgeries(
    template: Template, namespace: str, metric: str
) -> None:
    """One alarm each, over everything."""
    found = [
        alarm
        for alarm in _alarms(template).values()
        if (alarm["Namespace"], alarm["MetricName"]) == (namespace, metric)
    ]
    assert len(found) == 1


def test_the_alarm_on_server_errors_looks_at_this_api(template: Template) -> None:
    """An alarm on a name nobody uses would be silent for ever."""
    dimensions = {
        each["Name"]: each["Value"] for each in _alarms(template)["ServerErrorsAlarm"]["Dimensions"]
    }
    [api] = template.of("ApiGateway::RestApi").values()
    [stage] = template.of("ApiGateway::Stage").values()
    assert dimensions == {"ApiName": api["Name"], "Stage": stage["StageName"]}


def test_every_alarm_says_in_words_what_it_means_and_tells_the_topic(template: Template) -> None:
    """An alarm without receiver or explanation is noise; missing data is a quiet night."""
    for name, alarm in _alarms(template).items():
        assert len(alarm["AlarmDescription"]) > 30, name
        assert [target(each) for each in alarm["AlarmActions"]] == ["AlarmTopic"], name
        assert [target(each) for each in alarm["OKActions"]] == ["AlarmTopic"], name
        assert alarm["TreatMissingData"] == "notBreaching", name


def test_alarms_reach_a_mailbox_when_one_is_given(template: Template) -> None:
    """`AlarmEmail` subscribes; without it the topic has no subscriber."""
    [subscription] = template.of("SNS::Subscription").values()
    assert target(subscription["TopicArn"]) == "AlarmTopic"
    assert template.resources["AlarmSubscription"]["Condition"] == "SendAlarms"


def test_the_dashboard_shows_every_step_and_every_alarm(template: Template) -> None:
    """One page answers: does anything need attention, and where does work wait."""
    written = template.of("CloudWatch::Dashboard")["Dashboard"]["DashboardBody"]["Fn::Sub"]
    for queue in QUEUES.values():
        assert f"${{{queue}.QueueName}}" in written, queue
    for alarm in _alarms(template):
        assert f"${{{alarm}.Arn}}" in written, alarm


def test_every_widget_of_the_dashboard_has_a_title_in_words(template: Template) -> None:
    """Who never saw CloudWatch reads it: titles are sentences, not metric names."""
    widgets = _dashboard(template)["widgets"]
    assert widgets[0]["type"] == "text"
    for widget in widgets[1:]:
        assert " " in widget["properties"]["title"]
        for metric in widget["properties"].get("metrics", []):
            assert "label" in metric[-1]


def test_the_dashboard_is_within_what_aws_gives_for_nothing(template: Template) -> None:
    """Three dashboards with up to 50 metrics each are free."""
    assert len(template.of("CloudWatch::Dashboard")) == 1
    metrics = [
        metric
        for widget in _dashboard(template)["widgets"]
        for metric in widget["properties"].get("metrics", [])
    ]
    assert len(metrics) <= 50


def idle_cost(template: Template) -> dict[str, float]:
    """Return what a month without a single order costs, in US dollars, by cause."""
    mappings = template.of("Lambda::EventSourceMapping").values()
    queues = template.of("SQS::Queue")
    polls = sum(
        POLLS_PER_MINUTE["ScalingConfig" in each] * SQS_REQUEST["FifoQueue" in queue]
        for each in mappings
        if (queue := queues.get(target(each["EventSourceArn"])))
    )
    sweeps = MONTH_MINUTES / 5
    memory = template.of("Lambda::Function")["Sweeper"]["MemorySize"] / 1024
    return {
        "queues": polls * MONTH_MINUTES,
        "alarms": len(_alarms(template)) * ALARM,
        "sweeper": sweeps * (LAMBDA_REQUEST + SWEEP_SECONDS * memory * ARM_GB_SECOND),
        "reads": sweeps * SWEEP_READ_UNITS * READ_UNIT,
    }


def test_an_idle_month_costs_less_than_three_dollars(template: Template) -> None:
    """What is polled, watched and swept while no order comes in."""
    cost = idle_cost(template)
    assert sum(cost.values()) <= 3.0, cost
    assert cost["queues"] > 0.5, "the polls must be counted"


def test_nothing_in_the_stack_is_paid_by_the_hour(template: Template) -> None:
    """Only what is paid per use may be added without a new line in the idle cost."""
    paid_per_use = {
        "ApiGateway", "CloudWatch", "DynamoDB", "Events", "IAM", "Lambda", "Logs", "S3", "SES",
        "SNS", "SQS",
    }  # fmt: skip
    services = {resource["Type"].split("::")[1] for resource in template.resources.values()}
    assert services <= paid_per_use
    for name, function in template.of("Lambda::Function").items():
        assert "ProvisionedConcurrencyConfig" not in function, name
        assert "ReservedConcurrentExecutions" not in function, name
