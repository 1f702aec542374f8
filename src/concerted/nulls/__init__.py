"""Null models: what chance, promptness and shared attention explain, and the tests built on them.

`log` holds one trace as arrays; `ladder` the geometry of latency bins; `anchored`, `exclusive` and
`samesecond` give each co-touch its probability of being a success by chance (tiers A, B and C of
docs/methods.md); `trigger` looks for innocent causes; `tails` and `multiplicity` turn probabilities into
p and q; `communities` and `cohort` test whole sets.
"""
