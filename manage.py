#!/usr/bin/env python
"""Runs Django's commands, with the local settings unless the environment or `.env` says otherwise."""

import os
import sys
from pathlib import Path

import environ
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    # Before `config` chooses, whose own default is production.
    environ.Env.read_env(Path(__file__).resolve().with_name(".env"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    execute_from_command_line(sys.argv)
