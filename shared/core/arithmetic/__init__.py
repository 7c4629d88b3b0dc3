"""Numbers that come out the same on every machine: decay, logarithms, digests, draws."""
