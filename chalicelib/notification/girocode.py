"""A transfer as a picture that banking apps read: the GiroCode (EPC069-12)."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from chalicelib.domain import balance
from chalicelib.notification.port import Enclosure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segno import QRCode

    from chalicelib.domain.order import Order

CONTENT_ID = "girocode"


def girocode(order: Order, account: Mapping[str, str]) -> QRCode | None:
    """Return the code that pays what is open to `letter.payment`; None where it cannot be one.

    Only euro can be paid so, and an account number with a typing error gives no code.
    """
    if not account or order.bought.currency != "EUR":
        return None
    from segno import helpers  # noqa: PLC0415 - only who has not paid yet needs it

    try:
        return helpers.make_epc_qr(
            name=account["holder"][:70],
            iban="".join(account["iban"].split()),
            bic=account["bic"] or None,
            text=account["purpose"][:140],
            amount=balance.outstanding(order).amount,
        )
    except ValueError:
        return None


def picture(order: Order, account: Mapping[str, str]) -> Enclosure | None:
    """Return the code as a picture inside a mail, with the quiet zone that scanners need."""
    code = girocode(order, account)
    if code is None:
        return None
    out = BytesIO()
    code.save(out, kind="png", scale=6, border=4)
    name = f"{CONTENT_ID}.png"
    return Enclosure(name=name, media_type="image/png", data=out.getvalue(), content_id=CONTENT_ID)
