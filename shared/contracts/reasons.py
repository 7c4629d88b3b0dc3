"""Why a record goes to dead-letter: a closed list, so that it can be a metric label."""

EMPTY = "empty"
TOO_LARGE = "too-large"
NOT_UTF8 = "not-utf8"
MALFORMED = "malformed-json"
WRONG_TYPE = "wrong-type"
MISSING_FIELD = "missing-field"
MISSING_USER = "missing-user"
ID_EMPTY = "id-empty"
ID_TOO_LONG = "id-too-long"
ID_UNPRINTABLE = "id-unprintable"
TIMESTAMP_TOO_OLD = "timestamp-too-old"
TIMESTAMP_IN_FUTURE = "timestamp-in-future"
NOT_FINITE = "not-finite"
UNKNOWN_VERSION = "unknown-version"
UNKNOWN_TYPE = "unknown-type"
TOO_MUCH_CONTEXT = "too-much-context"

REASONS = (
    EMPTY,
    TOO_LARGE,
    NOT_UTF8,
    MALFORMED,
    WRONG_TYPE,
    MISSING_FIELD,
    MISSING_USER,
    ID_EMPTY,
    ID_TOO_LONG,
    ID_UNPRINTABLE,
    TIMESTAMP_TOO_OLD,
    TIMESTAMP_IN_FUTURE,
    NOT_FINITE,
    UNKNOWN_VERSION,
    UNKNOWN_TYPE,
    TOO_MUCH_CONTEXT,
)
