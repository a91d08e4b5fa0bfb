"""``python -m admin.answers HOST:PORT NAME``: ends with 0 if a process there answers under that name.

For whoever watches containers: it needs neither settings nor keys, and imports nothing of the suite.
"""

import sys
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

ANSWER_WITHIN = 3.0


def main(arguments: list[str]) -> int:
    """Ask; say what is wrong."""
    address, name = arguments
    host, _, port = address.rpartition(":")
    connection = HTTPConnection(host, int(port), timeout=ANSWER_WITHIN)
    try:
        connection.request("GET", "/healthz", headers={"Host": name})
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        print(f"{address}: {error}", file=sys.stderr)  # noqa: T201 - this is a command
        return 1
    finally:
        connection.close()
    return 0 if status == HTTPStatus.OK else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
