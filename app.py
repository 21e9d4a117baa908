"""Kontor's Chalice application: which blueprints exist."""

from importlib import import_module

from chalice.app import Chalice

from chalicelib.api.imports import TABLES
from chalicelib.api.statements import FORMS

BLUEPRINTS = (
    "api.webhooks",
    "api.availability",
    "api.connections",
    "api.debits",
    "api.asking",
    "api.deliveries",
    "api.documents",
    "api.dunning",
    "api.jobs",
    "api.merchants",
    "api.exports",
    "api.archive_exports",
    "api.archive_checks",
    "api.imports",
    "api.new_orders",
    "api.openapi",
    "api.orders",
    "api.payments",
    "api.payouts",
    "api.pick_lists",
    "api.previews",
    "api.products",
    "api.refunds",
    "api.reports",
    "api.returns",
    "api.shopware",
    "api.statements",
    "api.stock",
    "api.told",
    "api.transfers",
    "api.uploads",
    "console.customer",
    "console.staff",
    "console.transfers",
    "console.debits",
    "console.bank",
    "console.imports",
    "console.jobs",
    "console.pick_lists",
    "console.previews",
    "console.documents",
    "console.connection_page",
    "console.product_form",
    "console.products",
    "console.new_order",
    "console.payments",
    "console.payouts",
    "console.settings",
    "intake.worker",
    "stock.worker",
    "payment.worker",
    "documents.worker",
    "shipping.worker",
    "notification.worker",
    "returns.worker",
    "writeback.worker",
    "stock.movements",
    "stock.availability",
    "flow.router",
    "flow.sweeper",
    "flow.dead_letters",
    "flow.jobs",
)

app = Chalice(app_name="kontor")
# Of any other body API Gateway makes UTF-8, and what is none of it is lost.
app.api.binary_types += [*dict.fromkeys([*TABLES, *FORMS])]

for name in BLUEPRINTS:
    app.register_blueprint(import_module(f"chalicelib.{name}").bp)
