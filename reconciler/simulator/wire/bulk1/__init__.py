"""Bulk API 1.0: jobs of batches, in XML and in JSON.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/asynch_api_intro.htm
"""

from reconciler.simulator.wire.bulk1.endpoint import answer, refusal

__all__ = ["answer", "refusal"]
