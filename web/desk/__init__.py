"""The compliance desk: search, release queue, approvals, officers, trail; for officers only."""
