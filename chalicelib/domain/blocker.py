"""One reason why an order stands still."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """One reason why an order stands still: whose it is, since when, and what happens next.

    `effect` names the one effect that it stops; without one it stops the parcel.
    """

    code: str
    text: str
    owner: str
    since: datetime
    next: str
    effect: str = ""
