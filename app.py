"""Kontor's Chalice application: which blueprints exist."""

from importlib import import_module

from chalice.app import Chalice

BLUEPRINTS = (
    "api.webhooks",
    "api.availability",
    "api.connections",
    "api.documents",
    "api.jobs",
    "api.merchants",
    "api.new_orders",
    "api.openapi",
    "api.orders",
    "api.payments",
    "api.returns",
    "api.stock",
    "console.customer",
    "console.staff",
    "console.jobs",
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

for name in BLUEPRINTS:
    app.register_blueprint(import_module(f"chalicelib.{name}").bp)
