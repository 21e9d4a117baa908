"""Tables and the documents bucket: nothing is lost, nothing is public."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from pynamodb.models import Model

from tests.architecture.reading import Template, as_list, target, text

if TYPE_CHECKING:
    from pynamodb.indexes import Index

TABLES = {
    "OrdersTable": "ORDERS_TABLE",
    "InboxTable": "INBOX_TABLE",
    "StockTable": "STOCK_TABLE",
    "DocumentsTable": "DOCUMENTS_TABLE",
    "PaymentsTable": "PAYMENTS_TABLE",
    "ConnectionsTable": "CONNECTIONS_TABLE",
    "MerchantsTable": "MERCHANTS_TABLE",
    "JobsTable": "JOBS_TABLE",
}
MODULES = [table.removesuffix("Table").lower() for table in TABLES]


def _model(aggregate: str) -> type[Model]:
    module = {"orders": "order_rows"}.get(aggregate, aggregate)
    members = inspect.getmembers(import_module(f"chalicelib.store.{module}"), inspect.isclass)
    [model] = [
        member
        for _, member in members
        if issubclass(member, Model)
        and member.__module__ == f"chalicelib.store.{module}"
        and hasattr(member, "Meta")
    ]
    return model


def _in_code(index: Index[Any]) -> tuple[list[str], str, list[str]]:
    attributes = index.Meta.attributes.values()
    keys = [each.attr_name for each in attributes if each.is_hash_key]
    keys += [each.attr_name for each in attributes if each.is_range_key]
    projection = index.Meta.projection
    return keys, projection.projection_type, list(projection.non_key_attributes or [])


def _in_template(index: dict[str, Any]) -> tuple[list[str], str, list[str]]:
    keys = [key["AttributeName"] for key in index["KeySchema"]]
    projection = index["Projection"]
    return keys, projection["ProjectionType"], projection.get("NonKeyAttributes", [])


def test_there_is_one_table_per_aggregate(template: Template) -> None:
    """A table more would be an aggregate nobody named."""
    assert set(template.of("DynamoDB::Table")) == set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_can_be_restored_and_is_not_deleted_by_accident(
    template: Template, name: str
) -> None:
    """Point-in-time recovery, deletion protection unless a parameter says no, and kept for good."""
    table = template.of("DynamoDB::Table")[name]
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["DeletionProtectionEnabled"] == {"Fn::If": ["Protected", True, False]}
    assert template.resources[name]["DeletionPolicy"] == "Retain"
    assert template.resources[name]["UpdateReplacePolicy"] == "Retain"
    assert template.body["Parameters"]["DeletionProtection"]["Default"] == "true"


@pytest.mark.parametrize("name", TABLES)
def test_a_table_costs_nothing_while_it_is_idle(template: Template, name: str) -> None:
    """It is paid per request, and encrypted with DynamoDB's own key, which no call bills."""
    table = template.of("DynamoDB::Table")[name]
    assert "SSESpecification" not in table
    assert table["BillingMode"] == "PAY_PER_REQUEST"


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_the_same_key_and_is_known_to_every_function(
    template: Template, name: str
) -> None:
    """`pk` begins with the merchant, `sk` says what the row is."""
    table = template.of("DynamoDB::Table")[name]
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    for function in template.of("Lambda::Function").values():
        assert target(function["Environment"]["Variables"][TABLES[name]]) == name


@pytest.mark.parametrize("module", MODULES)
def test_the_indexes_of_the_template_are_those_of_the_code(template: Template, module: str) -> None:
    """Names, keys and projections agree: an index misspelt is found here, not by a customer."""
    table = template.of("DynamoDB::Table")[f"{module.title()}Table"]
    made = {
        each["IndexName"]: _in_template(each) for each in table.get("GlobalSecondaryIndexes", [])
    }
    used = {name: _in_code(index) for name, index in _model(module)._indexes.items()}
    assert made == used


@pytest.mark.parametrize("module", MODULES)
def test_rows_that_expire_are_those_the_code_lets_expire(template: Template, module: str) -> None:
    """`expires_at` is the time-to-live exactly where rows have it."""
    table = template.of("DynamoDB::Table")[f"{module.title()}Table"]
    expiring = "expires_at" in _model(module).get_attributes()
    assert table.get("TimeToLiveSpecification") == (
        {"AttributeName": "expires_at", "Enabled": True} if expiring else None
    )


def test_the_documents_bucket_keeps_every_version_and_can_lock_objects(
    template: Template,
) -> None:
    """Object Lock is possible only from the start; the mode is set with each object."""
    bucket = template.of("S3::Bucket")["DocumentsBucket"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["ObjectLockEnabled"] is True
    assert "ObjectLockConfiguration" not in bucket
    assert template.resources["DocumentsBucket"]["DeletionPolicy"] == "Retain"
    assert template.resources["DocumentsBucket"]["UpdateReplacePolicy"] == "Retain"
    assert template.body["Parameters"]["ObjectLockMode"]["AllowedValues"] == [
        "off",
        "GOVERNANCE",
        "COMPLIANCE",
    ]


def test_the_documents_bucket_is_encrypted_and_never_public(template: Template) -> None:
    """Encrypted at rest, no ACLs, all four public blocks on."""
    bucket = template.of("S3::Bucket")["DocumentsBucket"]
    [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] in {"AES256", "aws:kms"}
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4


def test_the_documents_bucket_answers_over_tls_only(template: Template) -> None:
    """Whoever asks without TLS is refused, whatever else they may do."""
    [policy] = template.of("S3::BucketPolicy").values()
    assert target(policy["Bucket"]) == "DocumentsBucket"
    [statement] = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Action"] == "s3:*"
    assert {text(each) for each in as_list(statement["Resource"])} == {
        "DocumentsBucket.Arn",
        "${DocumentsBucket.Arn}/*",
    }
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_documents_bucket_tidies_up(template: Template) -> None:
    """Broken uploads go, old versions get cheaper, issued documents are never expired."""
    rules = template.of("S3::Bucket")["DocumentsBucket"]["LifecycleConfiguration"]["Rules"]
    assert any("AbortIncompleteMultipartUpload" in rule for rule in rules)
    assert any("NoncurrentVersionTransitions" in rule for rule in rules)
    for rule in rules:
        if "ExpirationInDays" in rule or "NoncurrentVersionExpiration" in rule:
            assert rule["Prefix"] in {"inbox/", "jobs/"}, rule["Id"]
