"""The ingest endpoint in the published schema (`/api/schema`), generated from the types that decode and answer.

Loaded where drf-spectacular is installed; the endpoint itself does not need it.
"""

from typing import Any, Final

import msgspec
from django.conf import settings
from drf_spectacular.extensions import OpenApiViewExtension
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from apps.ingest.answers import Accepted, Error
from apps.ingest.wire import Batch

_Schema = dict[str, Any]

_REF: Final = "#/components/schemas/{name}"
_BATCH: Final = {"$ref": _REF.format(name="Batch")}

_DESCRIPTION: Final = """
Takes one batch of events. One bad event never costs its neighbours: it is rejected by its place, with 200, and the
others are stored. Unknown fields are tolerated and dropped. A text longer than `maxLength` is cut, its event marked.
An integer is one as JavaScript writes it: `1`, not `1.0`.
An event's identity is (project, `page`, `n`): sending a batch again, alone or regrouped with others, changes nothing.

A body may be compressed with gzip. That is told by `Content-Encoding` or by its first two bytes, so that a browser may
send it as `text/plain` without a CORS preflight.
"""

# Status to what it means to a client, and the codes in its body.
REFUSALS: Final[dict[int, tuple[str, tuple[str, ...]]]] = {
    400: (
        "Not a batch; nothing was stored. Never send it again.",
        ("malformed", "invalid_batch", "unsupported_version", "bad_gzip"),
    ),
    401: ("No, unknown or revoked key. Stop; probe again slowly.", ("missing_key", "invalid_key")),
    403: ("The project does not list the page's origin. Stop; probe again slowly.", ("origin_not_allowed",)),
    405: ("Another method than POST or OPTIONS.", ("method_not_allowed",)),
    408: ("The body ended early; nothing was stored. Send the same batch again.", ("incomplete",)),
    413: (
        "Over a limit; nothing was stored. Split the batch once, else drop and count it.",
        ("too_large", "too_many_events"),
    ),
    415: (
        "Neither JSON nor gzip; nothing was stored. Never send it again.",
        ("unsupported_media_type", "unsupported_encoding"),
    ),
    429: ("Over a rate; nothing was stored. Keep the batch, retry with full jitter.", ("rate_limited",)),
    500: ("Unknown what was stored. Send the same batch again.", ("internal",)),
    503: ("No durable store can take it now. Keep the batch, retry with full jitter.", ("unavailable",)),
}
_RETRY_LATER: Final = [429, 500, 503]


class EventsExtension(OpenApiViewExtension):  # type: ignore[no-untyped-call]
    """Describes POST /v1/events."""

    target_class = "apps.ingest.views.EventsView"

    def view_replacement(self) -> type:
        """The view with its description."""
        view: Any = self.target_class

        class Described(view):  # type: ignore[misc]
            @extend_schema(
                operation_id="send_events",
                summary="Send events",
                description=_DESCRIPTION,
                tags=["Ingest"],
                auth=[{"publicKey": []}],  # type: ignore[list-item]  # annotated as names, used as they are
                parameters=[
                    OpenApiParameter(
                        "Content-Encoding",
                        {"type": "string", "enum": ["gzip", "x-gzip", "identity"]},
                        OpenApiParameter.HEADER,
                        description="How the body is compressed. Absent: as its first two bytes tell.",
                    ),
                    OpenApiParameter(
                        "Retry-After",
                        {"type": "integer", "minimum": 1},
                        OpenApiParameter.HEADER,
                        description="Seconds after which to send the same batch again.",
                        required=True,
                        response=_RETRY_LATER,
                    ),
                ],
                request={"application/json": _BATCH, "text/plain": _BATCH, "application/gzip": _BATCH},
                responses={
                    (200, "application/json"): OpenApiResponse(
                        {"$ref": _REF.format(name="Accepted")},
                        description="The accepted events are durably stored. Drop the batch, count the rejected.",
                    ),
                    **{
                        (status, "application/json"): OpenApiResponse(_error(codes), description=words)
                        for status, (words, codes) in REFUSALS.items()
                    },
                },
            )
            def post(self, request: Request) -> None:
                """Never called."""

        return Described


def _error(codes: tuple[str, ...]) -> _Schema:
    code = {"properties": {"error": {"properties": {"code": {"enum": list(codes)}}}}}
    return {"allOf": [{"$ref": _REF.format(name="Error")}, code]}


def add_types(result: _Schema, **_: object) -> _Schema:
    """A postprocessing hook of drf-spectacular: adds what `extend_schema` has no words for.

    The types that EventsExtension refers to, the key, and that there is no request without a body.
    """
    types: Any = msgspec.json.schema_components([Batch, Accepted, Error], ref_template=_REF)[1]
    types["Batch"]["properties"]["events"] |= {"minItems": 1, "maxItems": settings.INGEST_MAX_EVENTS}
    # The address is also taken with a slash at its end, which is what drf-spectacular reads from its pattern.
    paths = {path.rstrip("/"): item for path, item in result["paths"].items()}
    result["paths"] = paths
    paths["/v1/events"]["post"]["requestBody"]["required"] = True
    components = result.setdefault("components", {})
    components.setdefault("schemas", {}).update(_portable(types))
    components.setdefault("securitySchemes", {})["publicKey"] = {
        "type": "apiKey",
        "in": "query",
        "name": "k",
        "description": "A live key of the project. Public: it can write events and read nothing.",
    }
    return result


def _portable(value: Any) -> Any:
    """`value` with patterns as JSON Schema has them, and with unknown fields tolerated, as `decoding` does.

    JSON Schema's `$` is Python's end of text, not also before a line end.
    """
    if isinstance(value, dict):
        return {
            name: item.replace("\\Z", "$") if name == "pattern" and isinstance(item, str) else _portable(item)
            for name, item in value.items()
            if name != "additionalProperties"
        }
    return [_portable(item) for item in value] if isinstance(value, list) else value
