"""Chooses the settings before anything reads them: the environment's, else those that `.env` names, else production.

A process that fell back to other settings than `.env` names would sign sessions with a key that everybody knows.
"""

import os
from pathlib import Path

import environ

environ.Env.read_env(Path(__file__).resolve().parent.parent / ".env")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

from config.celery import app as celery_app  # noqa: E402 reads the settings

__all__ = ["celery_app"]
