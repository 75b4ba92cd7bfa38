"""`{% moment incident.opened_at %}`: a moment in a template, as every page of the admin shows them."""

from django import template

from apps.core import admin_times

register = template.Library()
register.simple_tag(admin_times.shown, name="moment")
