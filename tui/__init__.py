"""The terminal face of rolecall."""

__version__ = "0.4.0"
