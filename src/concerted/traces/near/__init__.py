"""Which texts are nearly the same: edited copies of one text become one object.

    shingles    texts as sets of hashed pieces of five characters (three in Han, kana and Hangul)
    candidates  pairs of texts that may be alike, by MinHash and bands
    alike       the exact check of a pair: what decides
    tags        the check that hashtags are not all that two texts have in common
    clusters    leaders and their copies, never chains
    surprise    how improbable it is that somebody else writes the same, in bits
    texts       the different texts of some posts, by rank, with their leaders
    objects     what is left: texts that several accounts posted, with their surprise
    touches     from posts to touches of objects, and what is left out

Texts are numbered by rank throughout: text 0 is used by most accounts. Text is compared as `skeleton.py`
leaves it. Everything is deterministic and depends on the set of posts alone, never on their order.
"""
