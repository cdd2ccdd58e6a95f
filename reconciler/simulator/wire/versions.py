"""The versions of the API that an org serves."""

OLDEST, NEWEST = 31, 67
