"""Reading back what an unsigned call only names: the call is a hint, the answer is what counts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from chalicelib.domain.errors import Permanent
from chalicelib.domain.fields import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.runtime.http import Api

UNKNOWN = 404
WINDOW = 10  # seconds in which calls about the same thing are one


def call_key(name: str) -> str:
    """Return the key of an unsigned call: the next may be about something new, a burst is not.

    What comes later in the window is not lost: the sweeper looks at each delivery a second time.
    """
    return f"{name}@{int(time.time()) // WINDOW}"


def read_back(
    api: Api, path: str, *, name: str, at: str = "id", query: Mapping[str, str] | None = None
) -> bytes:
    """Return what the provider has under a name, which its answer must repeat in the field `at`.

    Permanent(`bad_signature`) where it knows none: somebody has made that up.
    """
    reply = api.call("GET", path, query=query, allow=(UNKNOWN,))
    if reply.status == UNKNOWN:
        raise Permanent("bad_signature", f"The provider knows no {name} of this connection.")
    if read(reply.body).at(at).text() != name:
        raise Permanent("outside_answer", f"Asked for {name}, the provider told of another.")
    return reply.body
