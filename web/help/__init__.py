"""Help pages: for employees, and for those who build screens."""
