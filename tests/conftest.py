"""Fixtures that several rooms share; each stands in the module that owns it."""

pytest_plugins = [
    "tests.services.elasticsearch",
    "tests.services.openldap",
]
