"""All tables, by database: for migrations' tests, for moving a house, for whoever has to see all of them."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import MetaData

from core.access import Database
from core.schema import archive, chat, desk, keystore

METADATA: Final[Mapping[Database, MetaData]] = {
    Database.CHAT: chat.metadata,
    Database.ARCHIVE: archive.metadata,
    Database.KEYSTORE: keystore.metadata,
    Database.DESK: desk.metadata,
}
