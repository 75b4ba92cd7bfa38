"""The demo shop's pages. The cart lives in the browser: the shop keeps no state on the server."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from apps.demo import catalog, shop_key

# Nothing from elsewhere, nothing inline: the strictest policy that a customer may have, so that the SDK is shown to
# work under it.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

# Shown with every event, as a customer's own release would be.
RELEASE = "shop-1.4.0"


def _with_policy(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def wrapped(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Content-Security-Policy"] = _POLICY
        return response

    return wrapped


@require_GET
@_with_policy
def home(request: HttpRequest) -> HttpResponse:
    """The catalogue, with a search that throws."""
    return _page(request, "home", products=catalog.PRODUCTS)


@require_GET
@_with_policy
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """One product: gallery, quantity stepper, favourite. All of it works."""
    found = catalog.by_slug(slug)
    if found is None:
        raise Http404("The shop does not sell this.")
    others = [other for other in catalog.PRODUCTS if other is not found][:3]
    return _page(request, "product", product=found, others=others)


@require_GET
@_with_policy
def cart(request: HttpRequest) -> HttpResponse:
    """The cart, with a coupon form that always fails."""
    return _page(request, "cart")


@require_GET
@_with_policy
def checkout(request: HttpRequest) -> HttpResponse:
    """The address form, and a Pay button that answers nothing."""
    return _page(request, "checkout")


@require_GET
@_with_policy
def returns(request: HttpRequest) -> HttpResponse:
    """Plain text, opened in a new tab."""
    return _page(request, "returns")


# There is no session to ride on and nothing is changed, so there is nothing for a CSRF token to protect.
@csrf_exempt
@require_POST
def apply_coupon(request: HttpRequest) -> JsonResponse:
    """Refuses every code. One of the shop's bugs: the message does not say what to change."""
    return JsonResponse({"message": "This code cannot be applied to your cart."}, status=422)


def _page(request: HttpRequest, name: str, **context: object) -> HttpResponse:
    return render(request, f"demo/{name}.html", {"page": name, "key": shop_key.read(), "release": RELEASE, **context})
