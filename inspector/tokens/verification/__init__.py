"""Judging tokens offline with what the user supplies: keys, certificates, metadata, expected audiences, revocations, passwords."""
