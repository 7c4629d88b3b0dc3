"""What msgspec raises; not with the errors of our own, which every command imports before anything heavy."""

import msgspec

DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Of bytes that are not what they should be."""
