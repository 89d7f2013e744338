"""The site's HTML: the frame that every page has, and the pages of the reference."""
import html
from dataclasses import dataclass, field

FRAME = '''<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="{description}">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{up}style.css">
<script src="{up}search-index.js" defer></script>
<script src="{up}search.js" defer></script>
</head>
<body{kind}>
<header class="top">
<a class="name" href="{up}index.html">libistauth <small>{version}</small></a>
<form role="search" class="search" data-up="{up}" hidden>
<label for="search">Search</label>
<input id="search" type="search" autocomplete="off" placeholder="function, type, question">
<div id="found" aria-live="polite"></div>
</form>
<a class="menu" href="#menu">Contents</a>
</header>
<div class="columns">
<main>
{body}
</main>
{toc}
<nav id="menu" aria-label="Contents">
{menu}
</nav>
</div>
</body>
</html>
'''
KINDS = (('Functions', ('function',)), ('Types', ('struct', 'enum', 'type')), ('Macros', ('macro',)))


@dataclass
class Page:
    url: str
    title: str
    body: str
    description: str = ''
    toc: list = field(default_factory=list)  # (level, anchor, text)
    kind: str = ''

    @property
    def up(self):
        return '../' * self.url.count('/')


def escape(text):
    return html.escape(text, quote=False)


def breakable(name):
    """A long name, which may be broken where its words end."""
    return name.replace('_', '_<wbr>')


class Site:
    def __init__(self, version, guides, groups, headers, linker):
        self.version, self.guides, self.groups = version, guides, groups
        self.headers, self.linker = headers, linker

    # --- the frame ---

    def menu(self, page):
        def entry(url, text):
            current = ' aria-current="page"' if url == page.url else ''
            return f'<li><a href="{page.up}{url}"{current}>{text}</a></li>'

        out = ['<h2>Guides</h2>', '<ul>', entry('index.html', 'Where to find what'), '</ul>']
        for title, guides in self.guides:
            out += [f'<h3>{escape(title)}</h3>' if title else '', '<ul>']
            out += [entry(g.url, escape(g.short)) for g in guides] + ['</ul>']
        out += ['<h2>Reference</h2>', '<ul>', entry('reference/index.html', 'By task'),
                entry('symbols.html', 'All names, A to Z'), '</ul>']
        for title, names in self.groups:
            out += [f'<h3>{escape(title)}</h3>', '<ul class="headers">']
            out += [entry(f'reference/{name}.html', f'{name}.h') for name in names] + ['</ul>']
        return '\n'.join(out)

    def toc(self, page):
        if len(page.toc) < 2:
            return ''
        lines = [f'<li class="level{level}"><a href="#{anchor}">{text}</a></li>' for level, anchor, text in page.toc]
        return '\n'.join(['<nav class="toc" aria-label="On this page">', '<h2>On this page</h2>', '<ul>', *lines,
                          '</ul>', '</nav>'])

    def html(self, page):
        title = page.title if page.url == 'index.html' else f'{page.title} - libistauth'
        return FRAME.format(title=escape(title), description=html.escape(page.description), up=page.up,
                            version=self.version, body=page.body, toc=self.toc(page), menu=self.menu(page),
                            kind=f' class="{page.kind}"' if page.kind else '')

    # --- pages of text ---

    def guide(self, guide):
        toc = [(level, anchor, escape(text)) for level, anchor, text in guide.anchors if level in (2, 3)]
        body = guide.body() + self.next(guide)
        return Page(guide.url, guide.title, body, guide.summary, toc, 'front' if guide.url == 'index.html' else 'guide')

    def next(self, guide):
        """A link to the guide that follows in the contents."""
        order = [g for _, guides in self.guides for g in guides]
        after = order[order.index(guide) + 1:] if guide in order else []
        return f'<p class="next">Next: <a href="{after[0].url}">{escape(after[0].title)}</a></p>' if after else ''

    # --- the reference ---

    def blocks(self, doc, up):
        for kind, content in doc.blocks:
            if kind == 'p':
                yield f'<p>{self.linker.prose(content, up)}</p>'
            elif kind == 'terms':
                rows = (f'<dt id="{escape(t)}">{escape(t)}</dt><dd>{self.linker.prose(d, up)}</dd>' for t, d in content)
                yield f'<dl class="terms">{"".join(rows)}</dl>'
            else:
                text = self.linker.listing(content, up) if kind == 'code' else escape(content)
                yield f'<pre tabindex="0"><code>{text}</code></pre>'

    def statuses(self, doc, up):
        if not doc.statuses:
            return
        yield '<h4>Answers</h4><dl class="answers">'
        for name, when in doc.statuses:
            yield f'<dt>{self.linker.code(name, up)}</dt><dd>{self.linker.prose(when, up)}</dd>'
        yield '</dl>'

    def members(self, symbol, up):
        yield '<dl class="members">'
        for member in symbol.members:
            full = member.name if symbol.kind == 'enum' else f'{symbol.name}.{member.name}'
            anchor = f' id="{full}"' if full != symbol.name else ''
            if member.heading:
                yield f'<dt class="heading">{self.linker.prose(member.heading, up)}</dt><dd></dd>'
            yield f'<dt{anchor}><code>{self.linker.listing(member.declaration, up)}</code></dt><dd>'
            yield f'<p>{self.linker.prose(member.doc.brief, up)}</p>' if member.doc.brief else ''
            yield from self.blocks(member.doc, up)
            if member.doc.statuses:
                listed = (self.linker.code(n, up) + (f' ({self.linker.prose(w, up)})' if w else '')
                          for n, w in member.doc.statuses)
                yield f'<p class="listed">Answers {", ".join(listed)}.</p>'
            yield '</dd>'
        yield '</dl>'

    def symbol(self, symbol, up):
        title = symbol.name
        if symbol.anonymous:
            title = ', '.join(m.name for m in symbol.members[:2]) + (', ...' if len(symbol.members) > 2 else '')
        since = f'<small class="since">since {symbol.doc.since}</small>' if symbol.doc.since else ''
        yield f'<section id="{symbol.name}" class="symbol {symbol.kind}">'
        yield f'<h3><a href="#{symbol.name}">{breakable(title)}</a> {since}</h3>'
        yield f'<p class="brief">{self.linker.prose(symbol.doc.brief, up)}</p>'
        if symbol.kind in ('function', 'macro', 'type'):
            yield f'<pre tabindex="0"><code>{self.linker.listing(symbol.declaration, up)}</code></pre>'
        yield from self.blocks(symbol.doc, up)
        yield from self.statuses(symbol.doc, up)
        if symbol.members:
            yield from self.members(symbol, up)
        named = [f'<a href="{up}{g.url}">{escape(g.short)}</a>' for _, some in self.guides for g in some if symbol.name in g.names]
        if named:
            yield f'<p class="named">In the guides: {", ".join(named)}</p>'
        yield '</section>'

    def header(self, header, library):
        up, out, toc = '../', [], []
        out += [f'<h1>{header.name}.h</h1>', f'<p class="brief">{self.linker.prose(header.doc.brief, up)}</p>']
        out += [f'<pre tabindex="0"><code>#include &lt;{header.path}&gt;</code></pre>']
        out += [f'<p class="library">Link with <code>{library}</code> (pkg-config). '
                f'<a href="../source/include/{header.path}.html">Read the header itself</a>.</p>']
        out += self.blocks(header.doc, up)
        for title, kinds in KINDS:
            symbols = [s for s in header.symbols if s.kind in kinds]
            if symbols:
                toc += [(2, title.lower(), title)] + [(3, s.name, breakable(s.name)) for s in symbols]
                out.append(f'<h2 id="{title.lower()}">{title}</h2>')
            for symbol in symbols:
                out += self.symbol(symbol, up)
        return Page(f'reference/{header.name}.html', f'{header.name}.h', '\n'.join(out), header.doc.brief, toc,
                    'reference')

    def reference(self):
        out, toc = ['<h1>Reference</h1>', '<p class="brief">Every header, by what you are doing. The headers are the '
                    'specification: these pages are made from their comments.</p>'], []
        for number, (title, names) in enumerate(self.groups):
            out += [f'<h2 id="task-{number}">{escape(title)}</h2>', '<dl class="index">']
            toc.append((2, f'task-{number}', escape(title)))
            for name in names:
                header = self.headers[name]
                functions = ', '.join(f'<a href="{name}.html#{s.name}">{s.name}</a>'
                                      for s in header.symbols if s.kind == 'function')
                out.append(f'<dt><a href="{name}.html">{name}.h</a></dt>'
                           f'<dd>{self.linker.prose(header.doc.brief, "../")}<br><small>{functions}</small></dd>')
            out.append('</dl>')
        return Page('reference/index.html', 'Reference', '\n'.join(out), 'The reference, by task.', toc, 'reference')

    def names(self):
        out = ['<h1>All names, A to Z</h1>', '<ul class="names">']
        for name in sorted(self.linker.symbols, key=str.lower):
            if '.' not in name:
                out.append(f'<li><a href="{self.linker.find(name)}"><code>{name}</code></a></li>')
        return Page('symbols.html', 'All names', '\n'.join(out + ['</ul>']), 'Every public name.')

    # --- files of ours that a page leads to ---

    def source(self, place, url, text):
        page = Page(url, place, '', f'{place}, as it is.', kind='source')
        code = self.linker.listing(text, page.up) if place.endswith(('.c', '.h')) else escape(text)
        page.body = f'<h1>{escape(place)}</h1>\n<pre tabindex="0"><code>{code}</code></pre>'
        return page

    def folder(self, place, url, files):
        lines = ''.join(f'<li><a href="{name}.html">{escape(name)}</a></li>' for name in files)
        return Page(url, place, f'<h1>{escape(place)}/</h1>\n<ul>{lines}</ul>', f'What is in {place}.', kind='source')
