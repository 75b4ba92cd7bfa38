"""How the admin looks: names, colours, the sidebar. Read by django-unfold as UNFOLD."""

from django.templatetags.static import static
from django.urls import reverse_lazy

# Indigo: far from the reds and oranges that mean a severity, and readable on white and on near-black.
_PRIMARY = {
    "50": "oklch(96.2% .018 272.314)",
    "100": "oklch(93% .034 272.788)",
    "200": "oklch(87% .065 274.039)",
    "300": "oklch(78.5% .115 274.713)",
    "400": "oklch(67.3% .182 276.935)",
    "500": "oklch(58.5% .233 277.117)",
    "600": "oklch(51.1% .262 276.966)",
    "700": "oklch(45.7% .24 277.023)",
    "800": "oklch(39.8% .195 277.366)",
    "900": "oklch(35.9% .144 278.697)",
    "950": "oklch(25.7% .09 281.288)",
}

UNFOLD = {
    "SITE_TITLE": "Irk",
    "SITE_HEADER": "Irk",
    "SITE_SUBHEADER": "Where your users get stuck",
    "SITE_URL": None,
    "SITE_ICON": lambda request: static("irk/icon.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "sizes": "any", "href": lambda request: static("irk/icon.svg")}
    ],
    "STYLES": [lambda request: static("irk/admin.css")],
    "SCRIPTS": [lambda request: static("irk/admin.js")],
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": False,
    "ENVIRONMENT": "apps.core.admin_site.environment_label",
    "DASHBOARD_CALLBACK": "apps.incidents.dashboard.add_dashboard",
    "COLORS": {"primary": _PRIMARY},
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "items": [
                    {"title": "Overview", "icon": "monitoring", "link": reverse_lazy("admin:index")},
                    {
                        "title": "Incidents",
                        "icon": "sentiment_dissatisfied",
                        "link": reverse_lazy("admin:incidents_incident_changelist"),
                        "badge": "apps.incidents.admin.open_incidents_badge",
                        "permission": "apps.organizations.scoped_admin.is_member",
                    },
                ],
            },
            {
                "title": "Set up",
                "separator": True,
                "items": [
                    {
                        "title": "Projects and keys",
                        "icon": "web",
                        "link": reverse_lazy("admin:projects_project_changelist"),
                        "permission": "apps.organizations.scoped_admin.is_member",
                    },
                    {
                        "title": "Thresholds",
                        "icon": "speed",
                        "link": reverse_lazy("admin:thresholds_threshold_changelist"),
                        "permission": "apps.organizations.scoped_admin.is_member",
                    },
                    {
                        "title": "Signals",
                        "icon": "tune",
                        "link": reverse_lazy("admin:detection_projectsignals_changelist"),
                        "permission": "apps.organizations.scoped_admin.is_member",
                    },
                    {
                        "title": "Suppressions",
                        "icon": "notifications_off",
                        "link": reverse_lazy("admin:detection_suppression_changelist"),
                        "permission": "apps.organizations.scoped_admin.is_member",
                    },
                ],
            },
            {
                "title": "People",
                "separator": True,
                "items": [
                    {
                        "title": "Organizations",
                        "icon": "apartment",
                        "link": reverse_lazy("admin:organizations_organization_changelist"),
                        "permission": "apps.organizations.scoped_admin.is_member",
                    },
                    {
                        "title": "People",
                        "icon": "person",
                        "link": reverse_lazy("admin:organizations_user_changelist"),
                        "permission": "apps.organizations.scoped_admin.is_superuser",
                    },
                ],
            },
            {
                "title": "Installation",
                "separator": True,
                "items": [
                    {
                        "title": "Waiting batches",
                        "icon": "hourglass_top",
                        "link": reverse_lazy("admin:ingest_spooledbatch_changelist"),
                        "permission": "apps.organizations.scoped_admin.is_superuser",
                    },
                ],
            },
        ],
    },
}
