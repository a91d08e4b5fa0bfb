"""Kinds of columns that the databases do not share by name."""

from typing import Final

from sqlalchemy import BigInteger, Integer

GROWING: Final = BigInteger().with_variant(Integer(), "sqlite")
"""A number that grows with every row, for years. SQLite's INTEGER has 64 bits, PostgreSQL's has 32."""
