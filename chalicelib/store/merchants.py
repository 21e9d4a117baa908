"""Merchants: their settings, access tokens and console sessions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pynamodb.attributes import (
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)

from chalicelib.domain.errors import Conflict
from chalicelib.domain.events import Location, Policy
from chalicelib.store import codec
from chalicelib.store.tables import REGION, Row, moment, stamp, table_name, translated

REGISTRY = "_merchants"
NAME = re.compile(r"[a-z][a-z0-9]{1,30}")


class MerchantRow(Row):
    """`SETTINGS`, `TOKEN#…`, `SESSION#…` of one merchant, or an entry of the registry."""

    class Meta:
        """The table as the template makes it."""

        table_name = table_name("merchants")
        region = REGION

    settings = JSONAttribute(null=True)
    expires_at = NumberAttribute(null=True)
    name = UnicodeAttribute(null=True)
    swept_at = UnicodeAttribute(null=True)
    drawn = JSONAttribute(null=True)
    standing = UnicodeSetAttribute(null=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSeries:
    """Number series of one shop's own; an empty format is that of the merchant."""

    connection_id: str
    invoice_series: str = ""
    credit_note_series: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a merchant says of itself once; `logo` is a data URI, `colour` is `#rrggbb`.

    Who knows `availability_key` may ask what can be sold, of more than `availability_cap` pieces
    (0: no limit) only that there are more: it stands in the pages of shops.
    """

    name: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    street: str = ""
    zip: str = ""
    city: str = ""
    country: str = "DE"
    tax_number: str = ""
    vat_id: str = ""
    register: str = ""
    manager: str = ""
    bank: str = ""
    bank_holder: str = ""
    iban: str = ""
    bic: str = ""
    logo: str = ""
    colour: str = "#1f4e5f"
    language: str = "de"
    small_business: bool = False  # § 19 UStG
    availability_key: str = ""
    availability_cap: int = 0
    invoice_series: str = "RE"
    credit_note_series: str = "RK"
    shop_series: tuple[ShopSeries, ...] = ()
    attach_documents: bool = True  # to mails; else the customer finds them by a link
    # Tax and electronic invoices: registered for the One Stop Shop; what is sold by its margin
    # (§ 25a UStG: goods, art or antiques); more than 800,000 € of turnover in the year before; the
    # form of an invoice by buyer; and what one euro is in other currencies ("CHF 0.9412, …").
    oss: bool = False
    margin: str = ""
    large_turnover: bool = False
    business_form: str = "zugferd"
    consumer_form: str = "zugferd"
    public_form: str = "xrechnung_cii"
    exchange_rates: str = ""
    # Bank payments: from which score (of 100) to book by itself, which cents to let go (in minor
    # units), and the cash discount (Skonto) for who pays within so many days.
    match_threshold: int = 80
    match_tolerance: int = 5
    discount_percent: str = ""
    discount_days: int = 0
    # Direct debits: the creditor identifier, and how many days before the customer is told.
    creditor_id: str = ""
    debit_notice: int = 14
    # Documents: texts of the merchant's own by language, printed as they are, and columns.
    documents_intro_de: str = ""
    documents_intro_en: str = ""
    documents_closing_de: str = ""
    documents_closing_en: str = ""
    documents_footer_de: str = ""
    documents_footer_en: str = ""
    documents_position: bool = True
    documents_sku: bool = True
    documents_discount: bool = True
    documents_tax_rate: bool = True
    documents_packing_slip: bool = False
    documents_ean: bool = False
    # The booking batches for the tax adviser: `datev_accounts` names accounts of the merchant's own
    # by what they are for (`19`, `oss:AT`, …), `datev_debtors` is `one` or `letter`.
    datev_consultant: int = 0
    datev_client: int = 0
    datev_chart: str = "SKR03"
    datev_account_length: int = 4
    datev_debtor: str = "10000"
    datev_debtors: str = "one"
    datev_year_start: str = "01-01"
    datev_accounts: Mapping[str, str] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    locations: tuple[Location, ...] = (Location(),)


# Of a series: up to which number the sweeper has looked, and how far it was at its last sweep.
Drawn = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """An entry of the registry: when the sweeper was last done, and what it starts by itself.

    `standing` are kinds of jobs with their connection; it is here, for the sweeper reads it anyway.
    """

    id: str
    swept_at: datetime | None = None
    standing: frozenset[tuple[str, str]] = frozenset()
    drawn: Mapping[str, Drawn] | None = None  # None: the sweeper has not looked yet


def fingerprint(secret: str) -> str:
    """Return what we keep of a secret: its SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Merchants:
    """All merchants of this installation."""

    def settings(self, merchant_id: str) -> Settings:
        """Read a merchant's settings; defaults where nothing was set."""
        with translated():
            try:
                row = MerchantRow.get(merchant_id, "SETTINGS")
            except MerchantRow.DoesNotExist:
                return Settings()
        return codec.settings_from(row.settings, Settings)

    def save_settings(self, merchant_id: str, settings: Settings) -> None:
        """Replace a merchant's settings."""
        with translated():
            MerchantRow(merchant_id, "SETTINGS", settings=codec.plain(settings)).save()

    def create(self, merchant_id: str, token: str) -> None:
        """Register a merchant and its access token; a further token may be added later."""
        with translated():
            MerchantRow(REGISTRY, merchant_id).update([MerchantRow.name.set(merchant_id)])
            MerchantRow(merchant_id, f"TOKEN#{fingerprint(token)}").save()

    def registered(self) -> list[Registered]:
        """List the merchants of this installation."""
        with translated():
            return [_registered(row) for row in MerchantRow.query(REGISTRY)]

    def note_standing(
        self, merchant_id: str, connection_id: str, kinds: Mapping[str, bool]
    ) -> None:
        """Say which kinds of jobs the sweeper shall start for a connection, and which not."""
        row = MerchantRow(REGISTRY, merchant_id)
        for wanted in (True, False):
            names = {f"{kind} {connection_id}" for kind, on in kinds.items() if on is wanted}
            change = MerchantRow.standing.add if wanted else MerchantRow.standing.delete
            if names:
                with translated():
                    row.update([change(names)])

    def standing(self, merchant_id: str) -> frozenset[tuple[str, str]]:
        """Return the kinds of jobs that the sweeper starts, each with its connection."""
        row = self._read(REGISTRY, merchant_id)
        return _registered(row).standing if row else frozenset()

    def note_sweep(self, merchant_id: str, now: datetime, drawn: Mapping[str, Drawn]) -> None:
        """Remember that the sweeper is done with a merchant, and how far it has looked."""
        changes = [MerchantRow.swept_at.set(stamp(now)), MerchantRow.drawn.set(dict(drawn))]
        with translated():
            MerchantRow(REGISTRY, merchant_id).update([*changes])

    def knows_token(self, merchant_id: str, token: str) -> bool:
        """Tell whether a token opens this merchant."""
        return self._read(merchant_id, f"TOKEN#{fingerprint(token)}") is not None

    def open_session(self, merchant_id: str, session: str, until: datetime) -> None:
        """Remember a console session."""
        row = MerchantRow(
            merchant_id, f"SESSION#{fingerprint(session)}", expires_at=int(until.timestamp())
        )
        with translated():
            row.save()

    def knows_session(self, merchant_id: str, session: str, now: datetime) -> bool:
        """Tell whether a console session is open and has not run out."""
        row = self._read(merchant_id, f"SESSION#{fingerprint(session)}")
        return row is not None and (row.expires_at or 0) > now.timestamp()

    def close_session(self, merchant_id: str, session: str) -> None:
        """Forget a console session."""
        try:
            with translated():
                MerchantRow(merchant_id, f"SESSION#{fingerprint(session)}").delete()
        except Conflict:
            return

    def _read(self, merchant_id: str, sort_key: str) -> MerchantRow | None:
        with translated():
            try:
                return MerchantRow.get(merchant_id, sort_key)
            except MerchantRow.DoesNotExist:
                return None


def _registered(row: MerchantRow) -> Registered:
    pairs = (name.split(" ", 1) for name in row.standing or ())
    return Registered(
        id=row.sk,
        swept_at=moment(row.swept_at) if row.swept_at else None,
        standing=frozenset((kind, connection_id) for kind, connection_id in pairs),
        drawn=None
        if row.drawn is None
        else {x: (int(a), int(b)) for x, (a, b) in row.drawn.items()},
    )
