"""The ledger: one transparency log of item versions, one of what officers, IT and policies do."""
