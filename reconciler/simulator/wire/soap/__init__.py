"""The SOAP APIs: Partner and Enterprise for records, Apex for scripts.

Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_quickstart_intro.htm
"""

from reconciler.simulator.wire.soap.endpoint import answer, refusal

__all__ = ["answer", "refusal"]
