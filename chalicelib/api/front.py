"""The function behind API Gateway: it loads what answers at a path, when the first request comes.

All that can answer takes half a second of CPU to load, and a cold start needs one part of it.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from chalice.app import Chalice

from chalicelib.api.media import FILES

# By what a path begins with: the modules that answer there.
PLACES: dict[str, tuple[str, ...]] = {
    "/healthz": ("api.openapi",),
    "/openapi.json": ("api.openapi",),
    "/s": ("console.customer",),
    "/schemas": ("api.new_orders",),
    "/shopware": ("api.shopware",),
    "/t": ("console.customer",),
    "/v1/archive": ("api.archive_checks",),
    "/v1/availability": ("api.availability",),
    "/v1/bank-statements": ("api.statements",),
    "/v1/connections": ("api.connections", "api.asking", "api.deliveries", "api.shopware"),
    "/v1/direct-debits": ("api.debits",),
    "/v1/documents": ("api.documents", "api.previews"),
    "/v1/exports": ("api.exports", "api.archive_exports"),
    "/v1/jobs": ("api.jobs",),
    "/v1/mandates": ("api.debits",),
    "/v1/merchants": ("api.merchants",),
    "/v1/orders": ("api.orders", "api.new_orders", "api.imports", "api.dunning", "api.refunds"),
    "/v1/payments": ("api.payments", "api.statements"),
    "/v1/payouts": ("api.payouts",),
    "/v1/pick-lists": ("api.pick_lists",),
    "/v1/products": ("api.products", "api.imports", "api.told"),
    "/v1/reports": ("api.reports", "api.payouts"),
    "/v1/returns": ("api.returns",),
    "/v1/settings": ("api.merchants",),
    "/v1/stock": ("api.stock",),
    "/v1/transfers": ("api.transfers",),
    "/v1/uploads": ("api.uploads",),
    "/console": ("console.staff",),
    "/console/bank": ("console.bank",),
    "/console/connections": ("console.connection_page",),
    "/console/direct-debits": ("console.debits",),
    "/console/documents": ("console.documents",),
    "/console/export": ("console.imports",),
    "/console/exports": ("console.documents",),
    "/console/import": ("console.imports",),
    "/console/jobs": ("console.jobs", "console.pick_lists"),
    "/console/login": ("console.staff",),
    "/console/logout": ("console.staff",),
    "/console/new-order": ("console.new_order",),
    "/console/orders": ("console.staff",),
    "/console/payments": ("console.payments",),
    "/console/payouts": ("console.payouts",),
    "/console/pick-lists": ("console.pick_lists",),
    "/console/previews": ("console.previews",),
    "/console/products": ("console.products", "console.product_form"),
    "/console/settings": ("console.settings",),
    "/console/transfers": ("console.transfers",),
}
SHARED = ("v1", "console")  # what many paths begin with; the word behind it tells them apart


# Nearly all of them need these, and before the first request Lambda gives more of a core.
for needed in ("api.problems", "api.auth", "store.orders"):
    import_module(f"chalicelib.{needed}")


def application() -> Chalice:
    """Return an application that answers nothing yet."""
    app = Chalice(app_name="kontor")
    app.api.binary_types += FILES
    return app


@cache
def _app() -> Chalice:
    return application()


@cache
def _register(module: str) -> None:
    _app().register_blueprint(import_module(f"chalicelib.{module}").bp)


def load(place: str) -> None:
    """Load what answers at paths that begin so, each part once."""
    for module in PLACES.get(place, ()):
        _register(module)


def place_of(path: str) -> str:
    """Return what a path begins with, as far as it tells who answers."""
    words = path.strip("/").split("/")
    return "/" + "/".join(words[: 2 if words[0] in SHARED else 1])


def api_handler(event: Any, context: Any) -> Any:  # noqa: ANN401 - whatever Lambda brings
    """Answer a request; its resource is a path of the template, as API Gateway has found it."""
    load(place_of(event.get("requestContext", {}).get("resourcePath", "")))
    return _app()(event, context)
