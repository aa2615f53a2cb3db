"""Offline log inspector: why was the token refused?"""

import os

__version__ = "0.1.0"

# polars tells its makers' service about every query where this variable is set; here nothing leaves the machine, whatever is set.
os.environ.pop("POLARS_QUERY_MONITORING", None)
