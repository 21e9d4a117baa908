"""Kontor's Chalice application as a whole: what is packaged, and what tests call."""

from importlib import import_module

from chalicelib.api.front import PLACES, application

# What answers requests, each once; a function of Lambda loads only its own part.
ANSWERING = dict.fromkeys(module for modules in PLACES.values() for module in modules)
WORKING = (
    "api.webhooks",
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

app = application()

for name in (*ANSWERING, *WORKING):
    app.register_blueprint(import_module(f"chalicelib.{name}").bp)
