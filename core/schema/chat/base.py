"""What all tables of the chat store share."""

from sqlalchemy import Column, Index, MetaData, Table, Text, text

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)


def some(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index of those rows only for which ``where`` holds."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))
