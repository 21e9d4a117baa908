"""Queues, streams and what happens to what fails on them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.architecture.reading import FUNCTIONS, IN_ORDER, QUEUES, STEPS, Template, target

DAY = 24 * 60 * 60
ROUTED = ("OrdersTable", "InboxTable")
STREAMS = (*ROUTED, "StockTable")
# How often a message is tried. A shop that is away is asked for three hours.
TRIES = dict.fromkeys(STEPS, 5) | {"jobs": 5, "writeback": 30}
# Come back sooner than six times their function's time: a slice done twice, or a level told twice,
# does no harm, and a job whose worker died, or the line of a shop, should not stand still.
SOONER = ("jobs", "availability")


def _stream(template: Template, table: str) -> dict[str, Any]:
    mappings = [*template.mappings_of("Router"), *template.mappings_of("Movements")]
    [found] = [each for each in mappings if target(each["EventSourceArn"]) == table]
    return found


def test_every_mapping_reports_single_failures(template: Template) -> None:
    """One bad message never brings its neighbours back."""
    mappings = template.of("Lambda::EventSourceMapping")
    assert len(mappings) == len(QUEUES) + len(STREAMS)
    for name, mapping in mappings.items():
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name


@pytest.mark.parametrize("step", TRIES)
def test_what_fails_too_often_goes_to_the_dead_letters(template: Template, step: str) -> None:
    """Nothing is tried for ever, nothing is dropped."""
    redrive = template.of("SQS::Queue")[QUEUES[step]]["RedrivePolicy"]
    assert target(redrive["deadLetterTargetArn"]) == "DeadLettersQueue"
    assert redrive["maxReceiveCount"] == TRIES[step]


@pytest.mark.parametrize("name", IN_ORDER)
def test_a_queue_in_order_forgets_what_is_old_and_has_no_dead_letters(
    template: Template, name: str
) -> None:
    """A shop may be away for half a day; what nobody can read blocks it no longer (ADR 0011)."""
    queue = template.of("SQS::Queue")[QUEUES[name]]
    assert queue["FifoQueue"] is True
    assert queue["MessageRetentionPeriod"] == DAY / 2
    assert "RedrivePolicy" not in queue
    # A hash of the body as name would swallow the second of two equal wake-ups within 5 minutes.
    assert queue["ContentBasedDeduplication"] is False
    assert queue["FifoThroughputLimit"] == "perMessageGroupId"


def test_dead_letters_wait_fourteen_days_and_have_no_further_queue(template: Template) -> None:
    """The last queue keeps its messages as long as AWS allows."""
    queue = template.of("SQS::Queue")["DeadLettersQueue"]
    assert queue["MessageRetentionPeriod"] == 14 * DAY
    assert "RedrivePolicy" not in queue


@pytest.mark.parametrize("step", TRIES)
def test_a_dead_letter_lives_longer_than_the_message_it_was(template: Template, step: str) -> None:
    """SQS counts the age from the first queue, so the last one must keep longer."""
    queues = template.of("SQS::Queue")
    kept = queues[QUEUES[step]]["MessageRetentionPeriod"]
    assert 4 * DAY <= kept < queues["DeadLettersQueue"]["MessageRetentionPeriod"]


@pytest.mark.parametrize("name", QUEUES)
def test_a_message_stays_hidden_six_times_as_long_as_its_function_may_run(
    template: Template, name: str
) -> None:
    """A batch still at work is not given out a second time (AWS's own rule)."""
    timeout = template.of("Lambda::Function")[FUNCTIONS[name]]["Timeout"]
    [mapping] = template.mappings_of(FUNCTIONS[name])
    window = mapping.get("MaximumBatchingWindowInSeconds", 0)
    hidden = template.of("SQS::Queue")[QUEUES[name]]["VisibilityTimeout"]
    assert timeout < hidden < 3 * timeout if name in SOONER else hidden >= 6 * timeout + window


def test_a_queue_of_orders_for_one_sku_is_taken_in_large_batches(template: Template) -> None:
    """One write of a level serves up to 50 orders, and a lone order waits a second at most."""
    [mapping] = template.mappings_of("Stock")
    assert mapping["BatchSize"] == 50
    assert mapping["MaximumBatchingWindowInSeconds"] == 1


@pytest.mark.parametrize("name", QUEUES)
def test_queues_are_encrypted(template: Template, name: str) -> None:
    """Messages hold no personal data, and are encrypted all the same."""
    assert template.of("SQS::Queue")[QUEUES[name]]["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize("name", sorted({*QUEUES} - {"stock", "documents"}))
def test_a_message_is_not_held_back_to_fill_a_batch(template: Template, name: str) -> None:
    """An order does not wait for the next one."""
    [mapping] = template.mappings_of(FUNCTIONS[name])
    assert mapping.get("MaximumBatchingWindowInSeconds", 0) == 0
    # A job may take minutes; no other waits behind it.
    assert mapping["BatchSize"] == 1 if name == "jobs" else 1 < mapping["BatchSize"] <= 10


@pytest.mark.parametrize("name", ["stock", "documents"])
def test_writers_of_hot_rows_are_few(template: Template, name: str) -> None:
    """Many transactions on one SKU or one number series would only cancel each other."""
    [mapping] = template.mappings_of(FUNCTIONS[name])
    assert 2 <= mapping["ScalingConfig"]["MaximumConcurrency"] <= 10


def test_streams_are_those_of_orders_inbox_and_stock_and_nothing_else(
    template: Template,
) -> None:
    """A stream only where something listens: the router to two, movements to the third."""
    mappings = template.mappings_of("Router")
    assert sorted(target(each["EventSourceArn"]) for each in mappings) == sorted(ROUTED)
    [movements] = template.mappings_of("Movements")
    assert target(movements["EventSourceArn"]) == "StockTable"
    tables = template.of("DynamoDB::Table")
    assert {name for name, table in tables.items() if "StreamSpecification" in table} == set(
        STREAMS
    )


@pytest.mark.parametrize("table", STREAMS)
def test_a_poisonous_record_does_not_stop_a_stream(template: Template, table: str) -> None:
    """Few tries, halved batches, an end by age, and a place for what failed."""
    mapping = _stream(template, table)
    assert 1 <= mapping["MaximumRetryAttempts"] <= 10
    assert mapping["BisectBatchOnFunctionError"] is True
    assert 60 <= mapping["MaximumRecordAgeInSeconds"] <= DAY
    assert target(mapping["DestinationConfig"]["OnFailure"]["Destination"]) == "DeadLettersQueue"


@pytest.mark.parametrize("table", STREAMS)
def test_a_stream_is_read_from_its_beginning(template: Template, table: str) -> None:
    """`LATEST` would lose what is written while the mapping is being made."""
    assert _stream(template, table)["StartingPosition"] == "TRIM_HORIZON"


@pytest.mark.parametrize(
    ("table", "image", "passes"),
    [
        ("OrdersTable", {"wakes": {"N": "1"}}, True),
        ("OrdersTable", {"sk": {"S": "HEAD"}}, False),
        ("InboxTable", {"step": {"S": "intake"}}, True),
        ("InboxTable", {"problem_of": {"S": "demo"}}, False),
    ],
)
def test_only_new_rows_that_wake_somebody_pass_the_filter(
    template: Template, table: str, image: dict[str, Any], *, passes: bool
) -> None:
    """Updates of list rows and parked deliveries cost no invocation."""
    [pattern] = _stream(template, table)["FilterCriteria"]["Filters"]
    wanted = json.loads(pattern["Pattern"])
    assert wanted["eventName"] == ["INSERT"]
    [(attribute, rule)] = wanted["dynamodb"]["NewImage"].items()
    [(kind, values)] = rule.items()
    value = image.get(attribute, {}).get(kind)
    assert (value is not None and values in ([value], [{"exists": True}])) is passes


@pytest.mark.parametrize(
    ("key", "passes"), [("SKU#TEA-1#main", True), ("MOVE#TEA-1#main#1", False), ("TOLD#x", False)]
)
def test_only_levels_and_products_pass_the_filter_of_the_movements(
    template: Template, key: str, *, passes: bool
) -> None:
    """What movements write themselves must not wake them again."""
    [mapping] = template.mappings_of("Movements")
    [pattern] = mapping["FilterCriteria"]["Filters"]
    [rule] = json.loads(pattern["Pattern"])["dynamodb"]["Keys"]["sk"]["S"]
    assert key.startswith(rule["prefix"]) is passes
    assert template.of("DynamoDB::Table")["StockTable"]["StreamSpecification"] == {
        "StreamViewType": "NEW_AND_OLD_IMAGES"
    }
    assert mapping["MaximumBatchingWindowInSeconds"] == 1


def test_the_sweeper_runs_on_a_schedule_and_is_not_repeated(template: Template) -> None:
    """A sweep that fails is done by the next one, five minutes later."""
    rules = template.of("Events::Rule")
    [rule] = [each for each in rules.values() if "ScheduleExpression" in each]
    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    assert [target(each["Arn"]) for each in rule["Targets"]] == ["Sweeper"]
    [invocation] = template.of("Lambda::EventInvokeConfig").values()
    assert target(invocation["FunctionName"]) == "Sweeper"
    assert invocation["MaximumRetryAttempts"] == 0


def test_what_became_of_a_mail_wakes_its_notification_step(template: Template) -> None:
    """Bounced and complained come back as a wake-up of the order, from our set only."""
    rule = template.of("Events::Rule")["MailEventsRule"]
    assert [target(each["Arn"]) for each in rule["Targets"]] == ["NotificationQueue"]
    tags = rule["EventPattern"]["detail"]["mail"]["tags"]
    assert target(tags["ses:configuration-set"][0]) == "MailEvents"
    sample = rule["Targets"][0]["InputTransformer"]["InputTemplate"]
    for name in ("merchant", "order", "report"):
        sample = sample.replace(f"<{name}>", '"x"')
    assert json.loads(sample)["step"] == "notification"
    assert "Email Sent" not in rule["EventPattern"]["detail-type"]


def test_that_a_mail_was_sent_is_a_line_in_a_log_and_wakes_nobody(template: Template) -> None:
    """Of our set only; the line names no person, and only the rule may write it."""
    rule = template.of("Events::Rule")["MailsSentRule"]
    assert rule["EventPattern"]["detail-type"] == ["Email Sent"]
    tags = rule["EventPattern"]["detail"]["mail"]["tags"]
    assert target(tags["ses:configuration-set"][0]) == "MailEvents"
    [made] = [each["InputTransformer"] for each in rule["Targets"]]
    assert set(made["InputPathsMap"]) == {"time", "order", "effect", "id"}
    line = json.loads(made["InputTemplate"].replace("<time>", '"now"'))
    assert line == {"timestamp": "now", "message": "<order> <effect> <id>"}
    assert template.of("Logs::LogGroup")["MailsSentLog"]["RetentionInDays"] == 14
    policy = template.of("Logs::ResourcePolicy")["MailsSentLogPolicy"]["PolicyDocument"]
    statements = json.loads(policy["Fn::Sub"])["Statement"]
    assert [each["Resource"] for each in statements] == ["${MailsSentLog.Arn}"] * 2
    assert statements[1]["Condition"]["ArnEquals"]["aws:SourceArn"] == "${MailsSentRule.Arn}"


def test_only_the_rule_may_write_to_the_notification_queue_from_outside(
    template: Template,
) -> None:
    """The bus of the account carries other people's events too."""
    [policy] = template.of("SQS::QueuePolicy").values()
    [statement] = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "sqs:SendMessage"
    assert target(statement["Resource"]) == "NotificationQueue"
    assert target(statement["Condition"]["ArnEquals"]["aws:SourceArn"]) == "MailEventsRule"
