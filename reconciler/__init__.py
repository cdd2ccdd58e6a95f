"""sfrec: a declarative reconciler for Salesforce external (Experience Cloud) users."""

__version__ = "0.1.0"
