"""The command line. No command prints content of conversations."""

import click

from admin.cli import demo, setup


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="chancery")
def main() -> None:
    """Chancery: chat that is decided before it is delivered and kept so that it can be proved."""


main.add_command(setup.init)
main.add_command(setup.serve)
main.add_command(setup.database)
main.add_command(demo.demo)
