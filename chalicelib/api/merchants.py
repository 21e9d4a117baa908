"""Merchants and their settings."""

from __future__ import annotations

import dataclasses
import re
import secrets
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib.api.auth import merchant, opened_by, require_root
from chalicelib.api.problems import Problem, answered, body_as
from chalicelib.documents import exchange, numbers
from chalicelib.documents.exports import datev
from chalicelib.domain import logos
from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.dunning import LETTERS
from chalicelib.domain.formats import is_iban
from chalicelib.domain.forms import FORMS
from chalicelib.domain.sepa import is_creditor_id
from chalicelib.domain.taxation import MARGINS
from chalicelib.runtime.settings import settings_of
from chalicelib.store import codec
from chalicelib.store.merchants import NAME, Merchants, Settings

bp = Blueprint(__name__)
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
PLACE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
LONGEST_HOLD = 365  # days
MOST_FEE = 4000  # minor units: § 288 (5) BGB grants 40 euro, and only between businesses
TEXTS = tuple(
    f"documents_{part}_{language}"
    for part in ("intro", "closing", "footer")
    for language in ("de", "en")
)
LONGEST_TEXT = 1000
MOST_NOTICE = 60  # days
MOST_TOLERANCE = 10_000  # minor units
RATE = re.compile(r"\d{1,2}(\.\d{1,3})?")
KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


@bp.route("/v1/merchants/{merchant_id}", methods=["PUT"])
@answered
def create(merchant_id: str) -> Response:
    """Register a merchant, or give it a further token; only the root token may."""
    require_root(bp.current_request)
    if not NAME.fullmatch(merchant_id):
        raise Problem(400, "bad_field", "merchant id: 2 to 31 of a-z and 0-9, a letter first.")
    token = f"{merchant_id}.{secrets.token_urlsafe(32)}"
    Merchants().create(merchant_id, token)
    return Response({"id": merchant_id, "token": token}, status_code=201)


@bp.route("/v1/settings", methods=["GET"])
@answered
def read() -> Any:  # noqa: ANN401 - JSON
    """Return the merchant's settings."""
    return codec.plain(Merchants().settings(merchant(bp.current_request)))


@bp.route("/v1/settings", methods=["PUT"])
@answered
def replace() -> Any:  # noqa: ANN401 - JSON
    """Replace the merchant's settings; what is not named takes its default."""
    merchant_id = merchant(bp.current_request)
    settings = body_as(bp.current_request.raw_body, Settings)
    save(merchant_id, settings)
    return codec.plain(settings)


def save(merchant_id: str, settings: Settings) -> None:
    """Check settings and keep them; the problem names the field."""
    check(merchant_id, settings)
    Merchants().save_settings(merchant_id, settings)
    settings_of.forget()
    opened_by.forget()


def check(merchant_id: str, settings: Settings) -> None:
    """Refuse settings that cannot be; the problem names the field."""
    _check(settings)
    _check_texts(settings)
    _check_money(settings)
    _check_places(settings)
    _check_key(merchant_id, settings)
    _check_series(settings)
    _check_datev(settings)
    _check_tax(settings)


def _check(settings: Settings) -> None:
    if not COLOUR.fullmatch(settings.colour):
        raise Problem(400, "bad_field", "colour: must be like #1f4e5f.", field="colour")
    if settings.language not in {"de", "en"}:
        raise Problem(400, "bad_field", "language: must be de or en.", field="language")
    wrong = logos.fault(settings.logo)
    if wrong:
        raise Problem(400, "bad_field", f"logo: {wrong}.", field="logo")
    allowed = {
        "ship_on": {"payment", "acceptance"},
        "invoice_on": {"payment", "acceptance", "shipment", "delivery"},
        "routing": {"priority", "nearest"},
    }
    for field, words in allowed.items():
        if getattr(settings.policy, field) not in words:
            choice = ", ".join(sorted(words))
            raise Problem(
                400, "bad_field", f"policy.{field}: one of {choice}.", field=f"policy.{field}"
            )


def _check_texts(settings: Settings) -> None:
    """Refuse texts for documents that would fill a page."""
    for name in TEXTS:
        if len(getattr(settings, name)) > LONGEST_TEXT:
            text = f"{name}: at most {LONGEST_TEXT} characters."
            raise Problem(400, "bad_field", text, field=name)


def _check_money(settings: Settings) -> None:
    """Refuse amounts, days and rates that mean nothing."""
    ranges = {
        "match_threshold": (settings.match_threshold, 100),
        "match_tolerance": (settings.match_tolerance, MOST_TOLERANCE),
        "discount_days": (settings.discount_days, LONGEST_HOLD),
        "debit_notice": (settings.debit_notice, MOST_NOTICE),
        "policy.payment_days": (settings.policy.payment_days, LONGEST_HOLD),
        "policy.handling_days": (settings.policy.handling_days, LONGEST_HOLD),
        "policy.dunning_levels": (settings.policy.dunning_levels, len(LETTERS)),
        "policy.reminder_days": (settings.policy.reminder_days, LONGEST_HOLD),
        "policy.dunning_days": (settings.policy.dunning_days, LONGEST_HOLD),
        "policy.dunning_fee_1": (settings.policy.dunning_fee_1, MOST_FEE),
        "policy.dunning_fee_2": (settings.policy.dunning_fee_2, MOST_FEE),
    }
    for field, (value, most) in ranges.items():
        if not 0 <= value <= most:
            text = f"{field}: must be between 0 and {most}."
            raise Problem(400, "bad_field", text, field=field)
    if settings.policy.dunning_levels and not settings.policy.dunning_days:
        text = "policy.dunning_days: a letter must give at least a day."
        raise Problem(400, "bad_field", text, field="policy.dunning_days")
    if settings.creditor_id and not is_creditor_id(settings.creditor_id):
        text = "creditor_id: is no creditor identifier, a digit may be missing or wrong."
        raise Problem(400, "bad_field", text, field="creditor_id")
    if settings.iban and not is_iban(settings.iban):
        text = "iban: is no IBAN, a digit may be missing or wrong."
        raise Problem(400, "bad_field", text, field="iban")
    if settings.discount_percent and not RATE.fullmatch(settings.discount_percent):
        text = "discount_percent: must be a rate in per cent like 2.5."
        raise Problem(400, "bad_field", text, field="discount_percent")


def _check_places(settings: Settings) -> None:
    """Refuse locations that cannot be told apart, and a reservation that never begins."""
    if not settings.locations:
        raise Problem(400, "bad_field", "locations: name at least one.", field="locations")
    seen: set[str] = set()
    for index, one in enumerate(settings.locations):
        field = f"locations[{index}]"
        if not PLACE.fullmatch(one.id) or one.id in seen:
            text = f"{field}.id: 1 to 40 of a-z, 0-9 and -, each once."
            raise Problem(400, "bad_field", text, field=f"{field}.id")
        if one.country not in COUNTRIES:
            text = f"{field}.country: must be a country such as DE."
            raise Problem(400, "bad_field", text, field=f"{field}.country")
        seen.add(one.id)
    if not 0 <= settings.policy.reservation_days <= LONGEST_HOLD:
        field = "policy.reservation_days"
        text = f"{field}: between 0 and {LONGEST_HOLD}."
        raise Problem(400, "bad_field", text, field=field)


def _check_key(merchant_id: str, settings: Settings) -> None:
    """Refuse a key of availability that can be guessed, or that does not say whose it is."""
    begin, _, rest = settings.availability_key.partition(".")
    if settings.availability_key and (begin != merchant_id or not KEY.fullmatch(rest)):
        text = f"availability_key: {merchant_id}. and 16 to 64 of A-Z, a-z, 0-9, - and _."
        raise Problem(400, "bad_field", text, field="availability_key")
    if settings.availability_cap < 0:
        text = "availability_cap: must not be negative."
        raise Problem(400, "bad_field", text, field="availability_cap")


def _check_series(settings: Settings) -> None:
    """Refuse formats of numbers that are none, and two kinds that could make the same number."""
    kinds = ("invoice_series", "credit_note_series")
    found = {kind: getattr(settings, kind) for kind in kinds}
    for index, one in enumerate(settings.shop_series):
        found |= {f"shop_series[{index}].{kind}": getattr(one, kind) for kind in kinds}
    seen: dict[str, str] = {}
    for field, template in found.items():
        if not template and field not in kinds:
            continue
        if says := numbers.fault(template):
            raise Problem(400, "bad_field", f"{field}: {says}", field=field)
        for other, known in seen.items():
            if numbers.collide(template, known):
                text = f"{field}: could make the same numbers as {other}."
                raise Problem(400, "bad_field", text, field=field)
        seen[field] = template


def _check_tax(settings: Settings) -> None:
    """Refuse forms of invoices that there are not, and exchange rates that cannot be read."""
    allowed = {
        "margin": tuple(MARGINS),
        "business_form": FORMS,
        "consumer_form": ("pdf", "zugferd"),
        "public_form": ("xrechnung_cii", "xrechnung_ubl"),
    }
    for field, words in allowed.items():
        if getattr(settings, field) not in words:
            choice = ", ".join(word or "nothing" for word in words)
            raise Problem(400, "bad_field", f"{field}: one of {choice}.", field=field)
    try:
        exchange.rates(settings.exchange_rates)
    except ValueError as error:
        text = f"exchange_rates: {error}."
        raise Problem(400, "bad_field", text, field="exchange_rates") from None


def _check_datev(settings: Settings) -> None:
    """Refuse what makes no booking batch; consultant and client may be told later."""
    told = dataclasses.replace(
        settings,
        datev_consultant=settings.datev_consultant or 1001,
        datev_client=settings.datev_client or 1,
    )
    if wrong := datev.fault(told):
        raise Problem(400, "bad_field", f"{wrong[0]}: {wrong[1]}", field=wrong[0])
