"""The log formats that can be opened, in the order in which they are asked."""
