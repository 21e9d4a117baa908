"""The description of this API, read from its own routes and the shapes of its bodies."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from chalice.app import Blueprint

from chalicelib.api import (
    archive_checks,
    archive_exports,
    catalogue,
    connections,
    corrections,
    counting,
    credit_balances,
    debits,
    deliveries,
    dunning,
    orders,
    payments,
    pick_lists,
    previews,
    refunds,
    returns,
    transfers,
    uploads,
)
from chalicelib.api.descriptions import MORE, order_schemas
from chalicelib.runtime.settings import public_url
from chalicelib.store.merchants import Settings

bp = Blueprint(__name__)

# The shape of every JSON body that the API takes.
BODIES: dict[tuple[str, str], type] = {
    ("PUT", "/v1/settings"): Settings,
    ("POST", "/v1/exports/{kind}"): archive_exports.Days,
    ("POST", "/v1/archive/check"): archive_checks.CheckedDays,
    ("POST", "/v1/connections"): connections.NewConnection,
    ("PATCH", "/v1/connections/{connection_id}"): connections.ConnectionChanges,
    ("POST", "/v1/connections/{connection_id}/replay"): deliveries.Replay,
    ("PUT", "/v1/connections/{connection_id}/secrets"): connections.NewSecrets,
    ("POST", "/v1/orders/{order_id}/cancel"): orders.Words,
    ("POST", "/v1/orders/{order_id}/hold"): orders.Words,
    ("POST", "/v1/orders/{order_id}/release"): orders.Words,
    ("POST", "/v1/orders/{order_id}/take-over"): orders.Words,
    ("POST", "/v1/orders/{order_id}/correct-invoice"): corrections.NewCorrection,
    ("POST", "/v1/orders/{order_id}/credit-balance"): credit_balances.Teller,
    ("POST", "/v1/orders/{order_id}/notes"): orders.Words,
    ("POST", "/v1/orders/{order_id}/payments"): orders.NewPayment,
    ("POST", "/v1/orders/{order_id}/refunds"): refunds.NewRefund,
    ("POST", "/v1/orders/{order_id}/refunds/{refund_id}/withdraw"): refunds.Withdrawal,
    ("POST", "/v1/orders/{order_id}/dunning"): dunning.Wish,
    ("POST", "/v1/orders/{order_id}/tags"): orders.NewTags,
    ("POST", "/v1/orders/{order_id}/assign"): orders.NewAssignment,
    ("POST", "/v1/orders/{order_id}/invoicing"): orders.NewInvoicing,
    ("PUT", "/v1/products/{sku}"): catalogue.NewProduct,
    ("PATCH", "/v1/products/{sku}"): catalogue.NewProduct,
    ("POST", "/v1/stock/adjustments"): counting.Adjustment,
    ("POST", "/v1/payments/{payment_id}/match"): payments.Match,
    ("POST", "/v1/payments/{payment_id}/ignore"): payments.Reason,
    ("POST", "/v1/payments/{payment_id}/undo"): payments.Reason,
    ("POST", "/v1/documents/preview"): previews.NewPreview,
    ("POST", "/v1/pick-lists"): pick_lists.NewPickList,
    ("POST", "/v1/mandates"): debits.NewMandate,
    ("POST", "/v1/direct-debits/file"): debits.NewDebitFile,
    ("POST", "/v1/direct-debits/files/{file_id}/undo"): transfers.Person,
    ("POST", "/v1/transfers/file"): transfers.NewFile,
    ("POST", "/v1/transfers/files/{file_id}/confirm"): transfers.Person,
    ("POST", "/v1/transfers/files/{file_id}/undo"): transfers.Person,
    ("POST", "/v1/uploads"): uploads.NewUpload,
    ("POST", "/v1/returns"): returns.NewReturn,
    ("POST", "/v1/returns/{return_id}/receive"): returns.Receipt,
}


# What is told of an operation as a whole; its parameters and answers are added to the others.
WHOLE = ("requestBody", "externalDocs")


@bp.route("/healthz", methods=["GET"])
def healthz() -> Any:  # noqa: ANN401 - JSON
    """Say that the API answers."""
    return {"status": "ok"}


@bp.route("/openapi.json", methods=["GET"])
def openapi() -> Any:  # noqa: ANN401 - JSON
    """Describe the API as OpenAPI 3.1."""
    return describe(bp.current_app.routes)


def describe(routes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of Chalice's routes under /v1."""
    _, components = msgspec.json.schema_components(
        set(BODIES.values()), ref_template="#/components/schemas/{name}"
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kontor", "version": "1"},
        "servers": [{"url": public_url() or "/"}],
        "security": [{"token": []}],
        "paths": {
            path: {
                method.lower(): _operation(path, method, entry) for method, entry in ways.items()
            }
            for path, ways in sorted(routes.items())
            if path.startswith("/v1/")
        },
        "components": {
            "schemas": components | order_schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(path: str, method: str, entry: Any) -> dict[str, Any]:  # noqa: ANN401 - Chalice
    view = entry.view_function
    summary = " ".join((view.__doc__ or "").split())
    operation: dict[str, Any] = {
        "operationId": f"{view.__module__.rsplit('.', 1)[-1]}_{view.__name__}",
        "summary": summary.split(". ")[0].rstrip("."),
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"{(\w+)}", path)
        ],
        "responses": {"2XX": {"description": "Done."}, "default": _problem()},
    }
    if body := BODIES.get((method, path)):
        schema = {"$ref": f"#/components/schemas/{body.__name__}"}
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    more = MORE.get((method, path), {})
    for name in ("parameters", "responses"):
        operation[name] = _added(operation[name], more.get(name))
    return {**operation, **{name: more[name] for name in more if name in WHOLE}}


def _added(own: Any, more: Any) -> Any:  # noqa: ANN401 - both lists or both objects
    """Return parameters or answers with those that are told apart."""
    if more is None:
        return own
    return [*own, *more] if isinstance(own, list) else {**own, **more}


def _problem() -> dict[str, Any]:
    schema = {"type": "object", "required": ["type", "title", "status", "code", "detail"]}
    content = {"application/problem+json": {"schema": schema}}
    return {"description": "A problem (RFC 9457).", "content": content}
