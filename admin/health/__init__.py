"""How the suite is, without any content: one place for the checks, their sentences and their readers.

``chancery status``, ``chancery doctor``, the console's Health page, the readiness endpoints and the
support bundle all speak from here, so that one thing is told in one way. Nothing here changes anything.
"""

from admin.health.lines import HealthLine, HealthState

__all__ = ["HealthLine", "HealthState"]
