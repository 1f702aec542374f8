"""Texts that try to become something else in a page: markup, scripts, styles, directions, letters."""

from __future__ import annotations

EVIL = "https://evil.example"
TEXTS = [
    "<script>window.ran=1;document.title='ran'</script>",
    "</script><script>window.ran=1</script>",
    f"<img src='{EVIL}/a.png' onerror='window.ran=1'>",
    f"<img srcset='{EVIL}/b.png 1x' src=x onerror=window.ran=1//",
    "<svg onload=window.ran=1><animate onbegin=window.ran=1 attributeName=x dur=1s></svg>",
    "<svg><script href='data:text/javascript,window.ran=1'/></svg>",
    f"<svg><image href='{EVIL}/c.svg'/><use href='{EVIL}/d.svg#x'/></svg>",
    f"<style>@import '{EVIL}/e.css';*{{background:url({EVIL}/f.png)}}</style>",
    f"</style></title></textarea></select></svg></math><iframe src={EVIL}></iframe>",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    f"<object data='{EVIL}/g'></object><embed src='{EVIL}/h'>",
    f"<base href='{EVIL}/'><link rel=stylesheet href='{EVIL}/i.css'>",
    f"<meta http-equiv=refresh content='0;url={EVIL}'>",
    f"<form action='{EVIL}'><button autofocus onfocus=window.ran=1>x</button></form>",
    "<a href='javascript:window.ran=1' autofocus onfocus=window.ran=1>x</a>",
    "<details open ontoggle=window.ran=1><summary>x</summary></details>",
    "<body onload=window.ran=1 onpageshow=window.ran=1>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.ran=1></style></mglyph></table></math>",
    "<video><source onerror=window.ran=1></video><audio src=x onerror=window.ran=1></audio>",
    '" onmouseover="window.ran=1" x="',
    "' autofocus onfocus='window.ran=1",
    "`${window.ran=1}` {{ 7*7 }} {% include 'x' %} ${7*7} #{7*7} <%= 7*7 %>",
    "<template><script>window.ran=1</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=window.ran=1>'>",
    "&lt;script&gt;window.ran=1&lt;/script&gt; &#60;img src=x onerror=window.ran=1&#62;",
    "<!--<img src='--><img src=x onerror=window.ran=1>'>",
    "<![CDATA[<script>window.ran=1</script>]]> <?xml-stylesheet href='x'?>",
    "\u202eevil\u202c \u2067right\u2069 \u200f\u061c a\u200bb \ufeff \x00\x07\x1b[31m \ud800",
    "p\u0430ypal.com \u0440\u0430y \u0391pple",
    "\uff1cscript\uff1ewindow.ran=1\uff1c/script\uff1e",
    "<x" * 300 + " onclick=window.ran=1>" + "\u0301" * 50,
]
LINKS = [
    "javascript:window.ran=1",
    "JaVaScRiPt:window.ran=1",
    "data:text/html,<script>window.ran=1</script>",
    "vbscript:msgbox(1)",
    f"//{EVIL.removeprefix('https://')}",
    "https://news.example/?a='><script>window.ran=1</script>",
    "https://p\u0430ypal.com/login",
    "\x01javascript:window.ran=1",
    "https://user:word@evil.example/",
]
