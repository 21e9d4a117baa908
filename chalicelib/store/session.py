"""The one session of botocore; its clients share what it has read of AWS's services."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.session import get_session

if TYPE_CHECKING:
    from botocore.config import Config
    from botocore.session import Session


@cache
def session() -> Session:
    """Return the session; a client of a further session costs 40 ms of CPU more."""
    return get_session()


def client(service: str, config: Config | None = None) -> Any:  # noqa: ANN401 - botocore's clients are untyped
    """Make a client of a service; keep it, for it costs time to make."""
    return session().create_client(service, config=config)
