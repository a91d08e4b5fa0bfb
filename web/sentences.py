"""What went wrong, as pages and chat say it in other languages than English: one sentence for each code.

Errors are made in English, far below; whoever reads another language meets them here. ``{names}`` are
the parameters that an error of this code carries. A code that is missing is told in English.
"""

from typing import Final

SENTENCES: Final = {
    "not_signed_in": "You are not signed in. Sign in first.",
}
