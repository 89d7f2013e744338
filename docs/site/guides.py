"""Markdown pages: README.md, CHANGES.md and every docs/*.md."""
import html
import os
import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

MARKDOWN = MarkdownIt('commonmark', {'html': False}).enable('table')

CHANGED = {'+': 'more', '-': 'less', '@': 'c'}


@dataclass
class Guide:
    path: str  # docs/embedding.md
    url: str  # embedding.html
    title: str
    summary: str  # its first sentence
    tokens: list
    anchors: list  # (level, id, text) of each heading
    names: set  # of symbols that it mentions
    words: dict  # by the id of a heading: what is said below it, for the search

    @property
    def short(self):
        """For a list of pages, in which the library's name says nothing."""
        return 'README' if self.path == 'README.md' else self.title

    def body(self):
        return MARKDOWN.renderer.render(self.tokens, MARKDOWN.options, {})


def plain(inline):
    return ''.join(t.content for t in inline.children if t.type in ('text', 'code_inline')) or inline.content


def slug(text, taken):
    """As GitHub makes them, so that an anchor works in both places."""
    base = re.sub(r'[^\w\- ]', '', text.lower()).replace(' ', '-')
    name, again = base, 0
    while name in taken:
        again += 1
        name = f'{base}-{again}'
    taken.add(name)
    return name


def url_of(path):
    if path == 'docs/README.md':
        return 'index.html'
    return Path(path).stem.lower() + '.html'


def raw(text, block=False):
    return Token('html_block' if block else 'html_inline', '', 0, content=text)


class Reader:
    """Reads pages, and notes what they lead to: `sources` are files of ours that the site must show."""

    def __init__(self, root, linker):
        self.root, self.linker = root, linker
        self.sources, self.broken, self.images = set(), [], set()

    def read(self, path):
        text = (self.root / path).read_text(encoding='utf-8')
        tokens = MARKDOWN.parse(text)
        guide = Guide(path, url_of(path), '', '', tokens, [], set(re.findall(r'\b(?:istauth|ISTAUTH)_\w+', text)), {})
        self.note_headings(guide)
        for i, token in enumerate(tokens):
            if token.type == 'inline':
                token.children = self.inline(token.children, path)
            elif token.type in ('fence', 'code_block'):
                tokens[i] = raw(self.listing(token), block=True)
            elif token.type == 'table_open':
                tokens[i] = raw('<div class="wide" role="region" aria-label="Table" tabindex="0"><table>', block=True)
            elif token.type == 'table_close':
                tokens[i] = raw('</table></div>', block=True)
        return guide

    def note_headings(self, guide):
        taken = set()
        for opening, inline in zip(guide.tokens, guide.tokens[1:]):
            if opening.type == 'heading_open':
                text = plain(inline)
                opening.attrSet('id', slug(text, taken))
                guide.anchors.append((int(opening.tag[1]), opening.attrGet('id'), text))
                guide.title = guide.title or text
                said = guide.words.setdefault(opening.attrGet('id'), set())
            elif opening.type == 'paragraph_open' and guide.title and not guide.summary:
                guide.summary = re.match(r'.+?[.:?!](?=\s|$)|.+', re.sub(r'\s+', ' ', plain(inline)))[0]
            if guide.title:
                shown = plain(inline) if inline.type == 'inline' else inline.content
                said.update(re.findall(r'[\w+-]{3,}', shown.lower()))

    def listing(self, token):
        language = token.info.split()[0] if token.info else ''
        code = token.content.rstrip('\n')
        text = self.linker.listing(code, '') if language in ('c', 'cpp') else html.escape(code, quote=False)
        if language == 'diff':
            text = re.sub(r'^([-+@]).*$', lambda m: f'<span class="{CHANGED[m[1]]}">{m[0]}</span>', text, flags=re.M)
        return f'<pre tabindex="0"><code>{text}</code></pre>\n'

    def inline(self, children, path):
        out, inside = [], False
        for token in children:
            if token.type == 'link_open':
                inside = True
                token.attrSet('href', self.target(token.attrGet('href'), path))
            elif token.type == 'link_close':
                inside = False
            elif token.type == 'image':
                self.images.add(os.path.normpath(Path(path).parent / token.attrGet('src')))
                token.attrSet('src', Path(token.attrGet('src')).name)
                token.attrSet('alt', plain(token)) # the renderer takes it from the children
            elif token.type == 'code_inline' and not inside:
                token = raw(self.example(token.content) or self.linker.code(token.content, ''))
            elif token.type == 'text' and inside:
                token.content = self.title(token.content, path)
            elif token.type == 'text' and not inside:
                token = raw(self.linker.rfcs_in(html.escape(token.content, quote=False)))
            out.append(token)
        return out

    def title(self, text, path):
        """A page's title, where a link's text is the name of its file: on the site there is no such file."""
        place = self.root / os.path.normpath(Path(path).parent / text)
        if not re.fullmatch(r'(docs/)?[a-z-]+\.md', text) or not place.is_file():
            return text
        return place.read_text(encoding='utf-8').split('\n', 1)[0].lstrip('# ')

    def example(self, text):
        """A link to the example that a text in backticks names."""
        place = text.rstrip('/')
        if not re.fullmatch(r'examples/[\w./-]+', place) or not (self.root / place).exists():
            return ''
        self.sources.add(place)
        return f'<a href="{source_url(self.root, place)}"><code>{text}</code></a>'

    def target(self, href, path):
        """Where a link of the page `path` leads on the site, whose pages of text all lie on its top."""
        if re.match(r'[a-z]+:', href) or href.startswith('#'):
            return href
        file, _, anchor = href.partition('#')
        place = os.path.normpath(Path(path).parent / file)
        if not (self.root / place).exists():
            self.broken.append(f'{path}: {href}')
            return href
        if place.endswith('.md') and Path(place).parent in (Path('.'), Path('docs')):
            return url_of(place) + (f'#{anchor}' if anchor else '')
        header = re.fullmatch(r'include/(?:istauth/)?([a-z_]+)\.h', place)
        if header:
            return f'reference/{header[1]}.html'
        if place == 'include/istauth' or place == 'docs':
            return 'reference/index.html' if place != 'docs' else 'index.html'
        self.sources.add(place)
        return source_url(self.root, place)


def source_url(root, place):
    return f'source/{place}/index.html' if (root / place).is_dir() else f'source/{place}.html'
