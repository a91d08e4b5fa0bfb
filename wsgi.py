"""The chat pages for gunicorn: ``gunicorn 'wsgi:create_app()'``. Never patched."""

from flask import Flask

from admin.bootstrap import read_settings
from admin.bootstrap.pages import build_pages
from web.app import create_pages


def create_app() -> Flask:
    """Return the chat pages with the settings of this process."""
    return create_pages(build_pages(read_settings()))
