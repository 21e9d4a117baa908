"""What each kind of connection is asked for, by the names that its shop's `connect` reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the form: `settings.…` is shown again, `secrets.…` never."""

    name: str
    is_needed: bool = False
    example: str = ""
    choices: tuple[str, ...] = ()

    @property
    def is_secret(self) -> bool:
        """Tell whether it goes in and never comes out."""
        return self.name.startswith("secrets.")

    @property
    def key(self) -> str:
        """Return the name without its group."""
        return self.name.partition(".")[2]


def _must(name: str, example: str = "", choices: tuple[str, ...] = ()) -> Field:
    return Field(name=name, is_needed=True, example=example, choices=choices)


def _may(name: str, example: str = "", choices: tuple[str, ...] = ()) -> Field:
    return Field(name=name, example=example, choices=choices)


SHOP = _must("settings.base_url", "https://shop.example")
SECRET = _may("secrets.webhook_secret")
RATE = _must("settings.tax_rate", "19")
SELLER = (
    _must("secrets.client_id"),
    _must("secrets.client_secret"),
    _must("secrets.refresh_token"),
)

FIELDS: Mapping[str, tuple[Field, ...]] = {
    "woocommerce": (
        SHOP,
        _may("secrets.consumer_key", "ck_…"),
        _may("secrets.consumer_secret", "cs_…"),
        SECRET,
    ),
    "shopify": (
        _must("settings.shop", "name.myshopify.com"),
        _may("secrets.access_token", "shpat_…"),
        _must("secrets.webhook_secret"),
        _may("settings.location"),
    ),
    "shopware": (SHOP, _may("secrets.client_id"), _may("secrets.client_secret")),
    "saleor": (SHOP, _must("secrets.app_token"), _may("settings.warehouse")),
    "amazon": (
        _must("settings.region", choices=("eu", "na", "fe")),
        _must("settings.marketplace_ids", "A1PA6795UKMFR9"),
        _must("settings.seller_id", "A3…"),
        RATE,
        *SELLER,
        SECRET,
    ),
    "ebay": (
        RATE,
        *SELLER,
        SECRET,
        _may("settings.environment", choices=("production", "sandbox")),
    ),
    "etsy": (
        _must("settings.shop_id", "12345678"),
        RATE,
        _must("secrets.keystring"),
        _must("secrets.shared_secret"),
        _must("secrets.refresh_token"),
        SECRET,
    ),
    "generic": (_must("secrets.webhook_secret"),),
    "stripe": (_must("secrets.webhook_secret", "whsec_…"), _may("secrets.api_key", "rk_live_…")),
    "adyen": (
        _must("settings.capture", choices=("automatic", "manual")),
        _must("secrets.webhook_secret"),
        _may("secrets.basic_user"),
        _may("secrets.basic_password"),
        _may("settings.merchant_account"),
        _may("secrets.api_key"),
        _may("settings.url_prefix", "1797a841fbb37ca7-AdyenDemo"),
        _may("secrets.report_key"),
    ),
    "mollie": (_may("secrets.api_key", "live_…"), SECRET),
    "klarna": (
        _must("secrets.username"),
        _must("secrets.password"),
        _may("settings.environment", choices=("production", "playground")),
    ),
    "sumup": (
        _must("secrets.api_key", "sup_sk_…"),
        SECRET,
        _may("settings.merchant_code", "MH4H92C7"),
    ),
    "paypal": (
        _must("settings.webhook_id", "1JE4291016473214C"),
        _may("secrets.client_id"),
        _may("secrets.client_secret"),
        _may("settings.environment", choices=("production", "sandbox")),
    ),
    "local": (),
    "bank": (),
}
# What any other is asked for that sends to us.
OTHER = (_must("secrets.webhook_secret"),)


def fields_of(kind: str) -> tuple[Field, ...]:
    """Return what a kind of connection is asked for."""
    return FIELDS.get(kind, OTHER)


# What can be switched at a shop, and what it is while nobody has said anything.
SWITCHES = {"poll": "on", "writeback": "on", "push_stock": "off"}
# Which call of the shop each switch is about.
SWITCH_NEEDS = {"poll": "orders", "writeback": "ship", "push_stock": "set_levels"}
