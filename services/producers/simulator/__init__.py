"""A storefront that never was, with its ground truth. Pure: no I/O, no clock; the same seed gives the same events."""
