"""All pages of the desk, put into one application."""

from flask import Flask

from web.desk import holds, matters, officers, policies, queue, records, signin, trail, words
from web.desk.home import home


def install(app: Flask) -> None:
    """Give ``app`` the desk's pages."""
    app.jinja_env.globals.update(words=words, records=records)
    for pages in (signin, queue, matters, holds, policies, officers, trail):
        app.register_blueprint(pages.blueprint)
    app.add_url_rule("/", "home", home)
