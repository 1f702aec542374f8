"""An innocent crowd and planted groups as table rows, seeded: for the demo, for tests and for power.

simulation = plant(crowd(seed=1), Plan(size=8, delay="script"))
simulation.posts, simulation.accounts, simulation.truth
"""

from concerted.simulate.crowding import crowd
from concerted.simulate.demo import write_demo
from concerted.simulate.model import Simulation
from concerted.simulate.planting import Plan, plant
from concerted.simulate.spread import spread

__all__ = ["Plan", "Simulation", "crowd", "plant", "spread", "write_demo"]
