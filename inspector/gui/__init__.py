"""The window: the only place that imports PySide6. It parses nothing and talks to the session alone."""
