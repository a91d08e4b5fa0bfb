"""The model of a policy bundle, one file a subject; :mod:`policies.bundle` is the whole of it."""
