"""Names in running text: what of it is a symbol, a header, an RFC or a page, and where that is."""
import html
import re
from pathlib import Path

RFC = re.compile(r'\bRFC (\d{3,5})(?:(?:, section)? (\d+(?:\.\d+)*)(?![\d:]))?')
SYMBOL = re.compile(r'\b(?:istauth|ISTAUTH)_\w+(?:\.[a-z]\w*)*')
# A member by the short name of its struct: hooks.subject is istauth_hooks.subject.
PART = re.compile(r'\b(?:config|hooks|lifetimes|limits|paths)\.[a-z]\w+\b(?!\.)')
HEADER = re.compile(r'\b(?:istauth/)?([a-z_]+)\.h\b')
PAGE = re.compile(r'\bdocs/[a-z-]+\.md\b')
WORD = re.compile('|'.join(['`[^`]+`', RFC.pattern, SYMBOL.pattern, PART.pattern, PAGE.pattern, HEADER.pattern]))
C = re.compile(r'(?P<c>/\*.*?\*/|//[^\n]*)|(?P<s>"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\')|(?P<p>^[ ]*#\s*\w+)'
               r'|(?P<w>\b[A-Za-z_]\w*\b)', re.S | re.M)
KEYWORDS = set('''auto bool break case char const continue default do double else enum extern float for goto if inline int
int64_t long return short signed size_t sizeof static struct switch typedef uint8_t uint32_t uint64_t union unsigned void
volatile while true false NULL'''.split())


def rfcs(path):
    """The RFCs that may be cited: number to title, from lines `NUMBER TITLE`."""
    return dict(line.split(' ', 1) for line in Path(path).read_text(encoding='utf-8').splitlines())


class Linker:
    """Where symbols, headers and pages are on the site, as seen from a page in `up` (such as '../')."""

    def __init__(self, headers, titles):
        self.titles, self.headers, self.symbols = titles, headers, {}
        for header in headers.values():
            for symbol in header.symbols:
                self.symbols[symbol.name] = (header, symbol)
                for member in symbol.members:
                    full = member.name if symbol.kind == 'enum' else f'{symbol.name}.{member.name}'
                    self.symbols.setdefault(full, (header, symbol))

    def find(self, name):
        """A symbol's page and anchor, or that of as much of `a.b.c` as is known."""
        if PART.fullmatch(name):
            name = f'istauth_{name}'
        while name:
            if name in self.symbols:
                return f'reference/{self.symbols[name][0].name}.html#{name}'
            name = name.rpartition('.')[0]
        return None

    def code(self, text, up):
        """A word or so of code, which may be a symbol."""
        quoted = f'<code>{html.escape(text, quote=False)}</code>'
        bare = re.fullmatch(rf'({SYMBOL.pattern}|{PART.pattern})(?:\(\))?', text)
        target = self.find(bare[1]) if bare else self.page(text)
        return f'<a href="{up}{target}">{quoted}</a>' if target else quoted

    def page(self, text):
        header = HEADER.fullmatch(text)
        if header and header[1] in self.headers:
            return f'reference/{header[1]}.html'
        if PAGE.fullmatch(text):
            return f'{Path(text).stem}.html'
        return None

    def rfc(self, text, url):
        number = RFC.match(text)[1]
        title = self.titles.get(number, '')
        return f'<a href="{url}" title="{html.escape(title)}">{text}</a>'

    def prose(self, text, up):
        """A comment's text, which has no markup but backticks."""
        def word(match):
            found = match.group()
            if found.startswith('`'):
                return self.code(found[1:-1], up)
            if found.startswith('RFC '):
                return self.rfc(found, rfc_url(found))
            target = self.page(found) or self.find(found)
            return self.code(found, up) if target else html.escape(found, quote=False)
        return between(WORD, text, word)

    def rfcs_in(self, text):
        """RFCs in text that is HTML already, but for what stands in tags."""
        return RFC.sub(lambda m: self.rfc(m.group(), rfc_url(m.group())), text)

    def listing(self, text, up):
        """C source, its words told apart and its symbols linked."""
        def word(match):
            found, kind = html.escape(match.group(), quote=False), match.lastgroup
            if kind == 'w':
                target = self.find(match.group())
                if target:
                    return f'<a href="{up}{target}">{found}</a>'
                return f'<b>{found}</b>' if found in KEYWORDS else found
            return f'<span class="{kind}">{found}</span>'
        return between(C, text, word)


def rfc_url(text):
    match = RFC.match(text)
    section = f'#section-{match[2]}' if match[2] else ''
    return f'https://www.rfc-editor.org/rfc/rfc{match[1]}{section}'


def between(pattern, text, replace):
    """`replace` what matches, escape the rest."""
    out, at = [], 0
    for match in pattern.finditer(text):
        out += [html.escape(text[at:match.start()], quote=False), replace(match)]
        at = match.end()
    return ''.join(out) + html.escape(text[at:], quote=False)
