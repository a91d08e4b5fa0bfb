"""What pages say that is made in English far below and that no script needs, one file a subject.

Whoever shows it looks it up by :func:`web.i18n.said`; a test holds each sentence against the code.
"""

from typing import Final

from policies.complaints import SAYS
from web.tables.acts import ACTS, ASKED, DETAILS, REASONS, WHO
from web.tables.errors import ERRORS
from web.tables.finds import FINDS
from web.tables.health import HEALTH
from web.tables.rights import EFFECTS

SENTENCES: Final = (*HEALTH, *ERRORS)
_WORDS: Final = (ACTS, ASKED, DETAILS, EFFECTS, FINDS, SAYS, WHO)
TABLES: Final = tuple(
    dict.fromkeys([*SENTENCES, *REASONS, *(word for each in _WORDS for word in each.values())])
)
