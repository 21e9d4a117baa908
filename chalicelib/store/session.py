"""The one session of botocore; its clients share what it has read of AWS's services."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import get_session

if TYPE_CHECKING:
    from botocore.session import Session


@cache
def session() -> Session:
    """Return the session; a client of a further session costs 40 ms of CPU more.

    A name of our own is not put together anew for each call, and AWS checks what we send anyway:
    a tenth of the CPU of a call.
    """
    made = get_session()
    made.set_default_client_config(Config(user_agent="Kontor/1", parameter_validation=False))
    return made


def client(service: str, config: Config | None = None) -> Any:  # noqa: ANN401 - botocore's clients are untyped
    """Make a client of a service; keep it, for it costs time to make."""
    return session().create_client(service, config=config)
