"""POST /v1/events. docs/ingest.md is the contract."""

from functools import partial
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import msgspec
import structlog
from django.conf import settings
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from rest_framework import exceptions
from rest_framework.views import APIView

from apps.core import clock
from apps.events import store
from apps.events.store import EncodedEvents
from apps.ingest import authentication, body, cors, limits, metrics, rate, writer
from apps.ingest.address import address_of
from apps.ingest.answers import Accepted, Error, Fault
from apps.ingest.decoding import Decoded, Rejected
from apps.ingest.portioning import PORTION, portions
from apps.ingest.rate import Kind, Subject
from apps.ingest.refusal import Refusal
from apps.ingest.rows import columns_of

log = structlog.get_logger(__name__)

# What a browser sends without a CORS preflight (text/plain, or nothing for bytes), and what everybody else sends.
_CONTENT_TYPES = {"", "text/plain", "application/json", "application/octet-stream", "application/gzip"}
# Events. A page keeps 500 and tells of those it dropped with its next batch; no made-up number may drown the others.
_MOST_LOST = 10_000
# Seconds. The client adds its own jitter.
_RETRY_AFTER = 5


class EventsView(APIView):
    """Takes one batch of events. Every answer is JSON and readable across origins, refusals and faults included."""

    http_method_names = ("post", "options")
    # DRF would list the methods for every answer; `error_response` does it where it matters.
    default_response_headers: dict[str, str] = {}

    def post(self, request: HttpRequest) -> HttpResponse:
        """200 when the accepted events are durably stored. Raises Refusal for everything else."""
        received = clock.to_ms(clock.now())
        address = address_of(request.META, proxies=settings.INGEST_PROXIES)
        by_address = Subject("address", address, settings.INGEST_ADDRESS_REQUESTS_PER_MINUTE)
        _admit(by_address)
        sender = authentication.authenticate(_key(request), origin=request.META.get("HTTP_ORIGIN"), address=address)
        by_key = Subject("key", sender.key_id, settings.INGEST_REQUESTS_PER_MINUTE)
        by_organization = Subject(
            "organization", sender.organization_id, settings.INGEST_ORGANIZATION_REQUESTS_PER_MINUTE
        )
        _admit(by_key, by_organization)
        rate.count(by_address, by_key, by_organization)
        current = limits.current()
        writer.current().make_way()
        text = _body(request, current)
        accepted = 0
        rejected: list[Rejected] = []
        # By map, which keeps nothing of what it was given: values are many times the size of their columns, and are to
        # be free again, and their memory in use for the next request, before this one waits for its insert.
        for portion in map(partial(_encoded, sender=sender, received=received), portions(text, current)):
            _store(portion, sender, size=min(len(text), PORTION))
            accepted += portion.accepted
            rejected += portion.rejected
        metrics.LOST.inc(min(portion.lost, _MOST_LOST))
        rejected.sort(key=lambda each: each.index)
        return _json(200, Accepted(accepted, rejected))

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        """Answers a CORS preflight. Any origin may ask; whether its events are taken is for the POST to say."""
        return cors.preflight()

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpRequest:  # type: ignore[override]
        """Django's request as it is: the body is ours to read, and no user or parser is involved."""
        return request

    def initial(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Nothing: keys and rates are `post`'s, and an Accept header is no reason to lose events."""

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        """The answer to whatever was raised."""
        if isinstance(exc, Refusal):
            refusal = exc
        elif isinstance(exc, exceptions.MethodNotAllowed):
            refusal = Refusal(405, "method_not_allowed", "Send events with POST.")
        else:
            log.error("ingest.failed", exc_info=exc)
            # What error reporting listens to; Django sends it only for what nobody answered.
            got_request_exception.send(sender=type(self), request=self.request)
            refusal = Refusal(
                500, "internal", "Something went wrong here. Send the same batch again.", retry_after=_RETRY_AFTER
            )
        log.info("ingest.refused", status=refusal.status, code=refusal.code)
        return error_response(refusal)

    def finalize_response(  # type: ignore[override]
        self, request: HttpRequest, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Adds what lets a page's script read the answer."""
        metrics.REQUESTS.labels(status=response.status_code).inc()
        return cors.readable(response, origin=request.META.get("HTTP_ORIGIN"))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """404 for everything else below /v1/, in the same form."""
    refusal = Refusal(404, "not_found", "There is nothing at this address. Send events to /v1/events.")
    return cors.readable(error_response(refusal), origin=request.META.get("HTTP_ORIGIN"))


def error_response(refusal: Refusal) -> HttpResponse:
    """`refusal` as the contract's error body."""
    response = _json(refusal.status, Error(Fault(refusal.code, refusal.message)))
    if refusal.retry_after is not None:
        response["Retry-After"] = str(refusal.retry_after)
    if refusal.status == 405:
        response["Allow"] = "POST, OPTIONS"
    return response


_WHO: dict[Kind, str] = {
    "address": "This address sends",
    "key": "The key sends",
    "organization": "The organization's keys together send",
}


def _admit(*subjects: Subject) -> None:
    """Raises Refusal where one of `subjects` has sent its share of this minute."""
    for subject in subjects:
        wait = rate.seconds_left(subject)
        if wait is not None:
            words = f"{_WHO[subject.kind]} too many requests. Send larger batches."
            raise Refusal(429, "rate_limited", words, retry_after=wait)


def _key(request: HttpRequest) -> str | None:
    # Not request.GET: that decodes by the charset which the client claims for its body, and fails for some.
    query: str = request.META.get("QUERY_STRING", "")
    return next(iter(parse_qs(query).get("k", ())), None)


def _body(request: HttpRequest, current: limits.Limits) -> bytes:
    content_type, _, parameters = request.META.get("CONTENT_TYPE", "").lower().partition(";")
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "')
    if content_type.strip() not in _CONTENT_TYPES or charset not in {"", "utf-8", "utf8", "us-ascii"}:
        raise Refusal(415, "unsupported_media_type", "Send JSON in UTF-8 as application/json or text/plain.")
    # Django would take a chunked body, which has no Content-Length, for empty. gunicorn marks its input as ending by
    # itself, so we read from there.
    stream = request.META["wsgi.input"]
    length = request.META.get("CONTENT_LENGTH", "")
    if length and not (length.isascii() and length.isdigit()):
        raise Refusal(400, "malformed", "Content-Length is not a number.")
    unknown = None if request.META.get("wsgi.input_terminated") else 0
    content_length = int(length) if length else unknown
    received = body.read(stream, content_length=content_length, limits=current)
    text = body.inflate(received, encoding=request.META.get("HTTP_CONTENT_ENCODING", ""), limits=current)
    if not text:
        raise Refusal(
            400, "malformed", "The body is empty. Send one batch as JSON, with a Content-Length or in chunks."
        )
    return text


class _Portion(NamedTuple):
    """A portion of a batch, ready to be stored. `lost` is what the batch says of events that its page had to drop."""

    events: EncodedEvents
    session: str
    accepted: int
    rejected: list[Rejected]
    lost: int


def _encoded(decoded: Decoded, *, sender: authentication.Sender, received: int) -> _Portion:
    columns = columns_of(decoded, project_id=sender.project_id, retention_days=sender.retention_days, received=received)
    batch = decoded.batch
    return _Portion(store.encode(columns), batch.sid, decoded.accepted, decoded.rejected, batch.lost or 0)


def _store(portion: _Portion, sender: authentication.Sender, *, size: int) -> None:
    try:
        writer.current().store(portion.events, size=size)
    except writer.NotStoredError as error:
        log.warning("ingest.store_unavailable", project=sender.project_id, error=str(error))
        raise Refusal(
            503,
            "unavailable",
            "Events cannot be stored right now. Send the same batch again.",
            retry_after=_RETRY_AFTER,
        ) from error
    metrics.ACCEPTED.inc(portion.accepted)
    for rejected in portion.rejected:
        metrics.REJECTED.labels(code=rejected.code).inc()
    if portion.rejected:
        log.info(
            "ingest.events_rejected",
            project=sender.project_id,
            session=portion.session,
            count=len(portion.rejected),
            first=portion.rejected[0].code,
        )


def _json(status: int, value: object) -> HttpResponse:
    response = HttpResponse(msgspec.json.encode(value), status=status, content_type="application/json")
    # Django leaves this to a middleware; without it the server would have to send chunks.
    response["Content-Length"] = str(len(response.content))
    return response
