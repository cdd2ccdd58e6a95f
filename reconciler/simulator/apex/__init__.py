"""Anonymous Apex: the language of data scripts, by a grammar and a walker.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/apex_dev_guide.htm
"""

from reconciler.simulator.apex.script import Outcome, execute_anonymous

__all__ = ["Outcome", "execute_anonymous"]
