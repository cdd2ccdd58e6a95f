"""An org's name -> an open org: where it is, how to log in, simulated or real."""

from reconciler.connect.org import Org, open_org
from reconciler.connect.simulated import SEED, SIMULATED, SIMULATED_ORG, open_simulated_org

__all__ = ["SEED", "SIMULATED", "SIMULATED_ORG", "Org", "open_org", "open_simulated_org"]
