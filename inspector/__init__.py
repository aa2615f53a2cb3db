"""Offline log inspector: why was the token refused?"""

__version__ = "0.1.0"
