"""The local page: an analyst goes from the overview to a group, to a tie, to the very posts.

It reads Findings only, already redacted, and reaches the case through a `Desk` that it is given. Every page
is a function from findings and query to plain values; a template makes HTML of them, and the same values are
its `.json` twin. HTML works without scripts; `static/` adds the network, the brush and the upload.

    desk.py     what the page asks of a case          guard.py    who may ask, and what every answer carries
    views/      pages as plain values                 show.py     HTML from them
    query.py    filters from addresses                files.py    style and scripts
    inbox.py    files dropped on the page             task.py     one run of detect at a time
    app.py      addresses -> pages                    serve.py    listens on 127.0.0.1

Starlette and uvicorn are the extra `web`; nothing here is imported unless `concerted serve` runs.
"""
