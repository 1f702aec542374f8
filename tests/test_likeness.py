"""Leaders of perceptual hashes against a search through all of them."""

from __future__ import annotations

import random

import pytest

from concerted.traces.likeness import NEAR, leaders


def hashes(draw: random.Random, families: int, each: int) -> list[str]:
    """Hashes in families, each member up to 40 bits from the first."""
    found = []
    for _ in range(families):
        first = draw.getrandbits(256)
        for _ in range(each):
            changed = first
            for bit in draw.sample(range(256), draw.randint(0, 40)):
                changed ^= 1 << bit
            found.append(f"{changed:064x}")
    draw.shuffle(found)
    return found


def by_hand(given: list[str], bits: int) -> dict[str, str]:
    led: list[str] = []
    found = {}
    for one in given:
        near = [((int(one, 16) ^ int(leader, 16)).bit_count(), place) for place, leader in enumerate(led)]
        near = [(distance, place) for distance, place in near if distance <= bits]
        if not near:
            led.append(one)
        found[one] = led[min(near)[1]] if near else one
    return found


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("bits", [0, 12, NEAR])
def test_no_near_hash_is_missed_and_no_far_one_joined(seed: int, bits: int) -> None:
    given = hashes(random.Random(seed), 25, 8)
    assert leaders(given, bits) == by_hand(given, bits)


def test_likeness_does_not_chain() -> None:
    chain = [f"{(1 << 20 * step) - 1:064x}" for step in range(1, 8)]
    found = leaders(chain)
    assert len(set(found.values())) == 4
    assert all((int(one, 16) ^ int(led, 16)).bit_count() <= NEAR for one, led in found.items())


def test_four_of_five_pictures_make_the_same_video() -> None:
    draw = random.Random(1)
    frames = [f"{draw.getrandbits(256):064x}" for _ in range(11)]
    whole = ".".join(frames[:10])
    most, few = ".".join([*frames[:8], frames[10]]), ".".join([*frames[:3], frames[10]])
    assert leaders([whole, most, few]) == {whole: whole, most: whole, few: few}


def test_pictures_and_videos_are_kept_apart_and_other_hashes_alone() -> None:
    one = f"{random.Random(2).getrandbits(256):064x}"
    video = f"{one}.{one}"
    assert leaders([one, video, "c3d2", "Z" * 64]) == {
        one: one,
        video: video,
        "c3d2": "c3d2",
        "Z" * 64: "Z" * 64,
    }
