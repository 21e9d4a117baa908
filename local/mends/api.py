"""The API as the template describes it: its own answers, and bodies of bytes.

The engine reads only the paths of the API's description, and whom they call. Here it also reads
what the gateway answers itself (to a browser that asks whether a page may ask, and its customized
errors) and the binary media types, which AWS takes from the same description.
"""

# ruff: noqa: ANN401, PLC0415, SLF001 -- the engine is mended where it is, and is not typed
from __future__ import annotations

from typing import Any

PREFIX = "x-amazon-apigateway-"


def apply() -> None:
    """Read the whole description when an API is made."""
    from ministack.services import apigateway_v1

    create = apigateway_v1._import_rest_api

    def create_whole(spec: dict[str, Any], base_data: dict[str, Any] | None = None) -> str:
        binary = spec.get(f"{PREFIX}binary-media-types", [])
        api_id: str = create(spec, {**(base_data or {}), "binaryMediaTypes": binary})
        for kind, response in spec.get(f"{PREFIX}gateway-responses", {}).items():
            apigateway_v1._put_gateway_response(api_id, kind, response)
        return api_id

    apigateway_v1._import_rest_api = create_whole
    operation = apigateway_v1._import_operation

    def operation_whole(api: str, resource: str, method: str, spec: Any, *rest: Any) -> None:
        operation(api, resource, method, spec, *rest)
        call = (spec or {}).get(f"{PREFIX}integration", {})
        for response in call.get("responses", {}).values():
            status = str(response["statusCode"])
            apigateway_v1._put_integration_response(api, resource, method, status, response)

    apigateway_v1._import_operation = operation_whole
