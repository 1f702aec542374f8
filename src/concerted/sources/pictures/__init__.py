"""Images and videos that lie on the user's disk beside an export: what they look like, as hashes.

pdq      the perceptual hash of one picture
hashing  one file to its hash, or the reason why it has none
folder   which file belongs to which post

Files are opened, never changed, and nothing is fetched. No other content of a file is kept than its hash: no
place or device written into it, no face, no text.
"""
