"""The parts of the composition root: what each process role is made of."""
