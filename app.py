"""Kontor's Chalice application: which blueprints exist."""

from chalice.app import Chalice

from chalicelib.api import (
    connections,
    merchants,
    openapi,
    orders,
    payments,
    webhooks,
)
from chalicelib.api import (
    documents as document_links,
)
from chalicelib.api import (
    returns as return_routes,
)
from chalicelib.api import (
    stock as stock_routes,
)
from chalicelib.documents import worker as documents
from chalicelib.flow import dead_letters, router, sweeper
from chalicelib.intake import worker as intake
from chalicelib.notification import worker as notification
from chalicelib.payment import worker as payment
from chalicelib.returns import worker as returns
from chalicelib.shipping import worker as shipping
from chalicelib.stock import worker as stock

app = Chalice(app_name="kontor")

for blueprint in (
    webhooks.bp,
    connections.bp,
    document_links.bp,
    merchants.bp,
    openapi.bp,
    orders.bp,
    payments.bp,
    return_routes.bp,
    stock_routes.bp,
    intake.bp,
    stock.bp,
    payment.bp,
    documents.bp,
    shipping.bp,
    notification.bp,
    returns.bp,
    router.bp,
    sweeper.bp,
    dead_letters.bp,
):
    app.register_blueprint(blueprint)
