"""Files of one process: where they are kept, how they come in, who is given which."""

from dataclasses import dataclass

from admin.wiring.chat import ChatServices
from core.blobs.open import open_blob_store
from core.blobs.sealed import Blobs
from core.messaging.files.shown import ShownFiles
from core.messaging.files.texts import FileTexts
from core.messaging.files.uploads import MIB, UploadLimits, Uploads


@dataclass(frozen=True, slots=True)
class FileServices:
    """What a process does with files."""

    blobs: Blobs
    uploads: Uploads
    shown: ShownFiles
    texts: FileTexts


def file_services(chat: ChatServices) -> FileServices:
    """Return the files of the chat."""
    settings, messaging = chat.settings, chat.messaging
    blobs, rooms = Blobs(open_blob_store(settings)), messaging.pipeline.rooms
    limits = UploadLimits(
        file=settings.files_max_mib * MIB,
        unfinished=settings.files_unfinished_mib * MIB,
        count=settings.files_unfinished_count,
        starts=settings.files_starts_per_minute,
        by_policy=lambda: chat.gate.settings().files.max_mb * MIB,
    )
    return FileServices(
        blobs,
        Uploads(
            store=chat.store,
            vault=messaging.vault,
            rooms=rooms,
            blobs=blobs,
            clock=chat.clock,
            limits=limits,
        ),
        ShownFiles(store=chat.store, vault=messaging.vault, rooms=rooms, blobs=blobs),
        FileTexts(chat.store, messaging.vault, blobs),
    )
