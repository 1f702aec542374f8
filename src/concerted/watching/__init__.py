"""Watching: files that appear in a folder, or lines of a stream, go into a case that is looked at again.

spool.py    a stream of lines as files of lines, so that what was read is never lost
arriving.py files of a folder that are whole and new
alerts.py   what a look may say, and how it pays for looking again
watch.py    the loop
"""
