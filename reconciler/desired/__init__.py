"""Desired-state files: YAML with places -> schema -> checks -> State."""

from reconciler.desired.cache import cache_folder
from reconciler.desired.load import load
from reconciler.desired.schema import schema_text
from reconciler.desired.settings import load_settings

__all__ = ["cache_folder", "load", "load_settings", "schema_text"]
