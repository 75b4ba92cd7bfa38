"""One-time login links, for the demo: sign in without a password that somebody would have to print.

A token is signed, names a person and their last login, and works for 12 h. Signing in moves the last login, so the
first use makes this and every other open link of that person useless; no table is needed.
"""

from datetime import datetime

from django.conf import settings
from django.contrib.auth import login
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from apps.core import clock
from apps.organizations.models import User

_SALT = "irk.login-link"
# Seconds. A demo left running over a working day still lets people in.
VALID_SECONDS = 12 * 3600


class LinkUnusableError(Exception):
    """The link is forged, too old or was used already."""


def create_path(user: User, *, then: str = "") -> str:
    """The path of a link that signs `user` in once and goes on to the path `then` (the admin when empty)."""
    token = signing.dumps([user.pk, _stamp(user.last_login)], salt=_SALT)
    query = f"?{urlencode({'next': then})}" if then else ""
    return reverse("login-link", args=[token]) + query


def redeem(token: str) -> User:
    """The person that `token` signs in. Of two people using it at the same moment one succeeds.

    Raises LinkUnusableError.
    """
    pk, stamp = _read(token)
    user = User.objects.filter(pk=pk, is_active=True).first()
    if user is None or _stamp(user.last_login) != stamp:
        raise LinkUnusableError
    # Compare and swap: the last login that was read must still be there.
    if User.objects.filter(pk=pk, last_login=user.last_login).update(last_login=clock.now()) != 1:
        raise LinkUnusableError
    return user


@never_cache
@require_GET
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    """Signs the person in and goes on to the admin. 404 where the installation does not allow login links."""
    if not getattr(settings, "LOGIN_LINKS", False):
        raise Http404
    try:
        user = redeem(token)
    except LinkUnusableError:
        # Opened again, for example from a terminal, by who signed in with it: nothing is left for it to do.
        if not _is_of_person_signed_in(request, token):
            return render(request, "irk/login_link_unusable.html", status=403)
    else:
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    then = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(then, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        then = reverse("admin:index")
    return HttpResponseRedirect(then)


def _read(token: str) -> tuple[int, str]:
    """Whom `token` names, and their last login when it was made. Raises LinkUnusableError when it is forged or old."""
    try:
        pk, stamp = signing.loads(token, salt=_SALT, max_age=VALID_SECONDS)
    except signing.BadSignature as error:
        raise LinkUnusableError from error
    return pk, stamp


def _is_of_person_signed_in(request: HttpRequest, token: str) -> bool:
    try:
        return request.user.is_authenticated and request.user.pk == _read(token)[0]
    except LinkUnusableError:
        return False


def _stamp(last_login: datetime | None) -> str:
    return "never" if last_login is None else last_login.isoformat()
