"""Pages for section 3 of the manual: one for each function, one for each header, one for the library.

`man istauth_verify` is the function's, `man istauth_verify.h` the header's, and a type's name leads to
the page of its header.
"""
import re

from text import SYMBOL

HIGHLIGHT = re.compile(rf'`([^`]+)`|({SYMBOL.pattern})')
ASIDE = '.RS 4', '.RE'
NAMES_WHOLE = '.nh', '.ad l'  # no hyphen within a name, no gaps around the long ones


def literal(text):
    """Code, in which every character stands for itself."""
    return text.replace('\\', '\\e').replace('-', '\\-').replace("'", '\\(aq').replace('`', '\\(ga').replace('^', '\\(ha').replace('~', '\\(ti')


def bold(text):
    return f'\\fB{literal(text)}\\fR'


def prose(text):
    """A comment's text on one line; what is in backticks and what is a name is bold."""
    out, at = '', 0
    for match in HIGHLIGHT.finditer(text):
        out += text[at:match.start()].replace('\\', '\\e') + bold(match[1] or match[2])
        at = match.end()
    out += text[at:].replace('\\', '\\e')
    return '\\&' + out if out[:1] in ('.', "'") else out


def kept(text):
    lines = (literal(line) for line in text.split('\n'))
    return ['.PP', ASIDE[0], '.nf', *('\\&' + l if l[:1] == '.' else l for l in lines), '.fi', ASIDE[1]]


def blocks(doc):
    for kind, content in doc.blocks:
        if kind == 'p':
            yield from ['.PP', prose(content)]
        elif kind == 'terms':
            for term, text in content:
                yield from ['.TP', bold(term), prose(text)]
        else:
            yield from kept(content)


def described(name, doc, more=()):
    """An entry of a list: a name, and all that is said of it."""
    yield from ['.TP', name, prose(doc.brief) if doc.brief else '\\&']
    inner = [*blocks(doc), *more]
    if inner:
        yield from ['.RS', *inner, '.RE']


class Manual:
    def __init__(self, headers, groups, library_of, version, date):
        self.headers, self.groups, self.library_of = headers, groups, library_of
        self.version, self.date = version, date
        self.functions = {s.name for h in headers.values() for s in h.symbols if s.kind == 'function'}

    def top(self, name, brief):
        return [f'.TH {name} 3 "{self.date}" "libistauth {self.version}" "libistauth"', *NAMES_WHOLE, '.SH NAME',
                f'{name} \\- {prose(brief.rstrip("."))}']

    def synopsis(self, header, declaration=''):
        out = ['.SH LIBRARY', f'{self.library_of(header.name)} (pkg-config)', '.SH SYNOPSIS', '.nf',
               bold(f'#include <{header.path}>')]
        if declaration:
            out += ['.PP', *map(bold, declaration.split('\n'))]
        return [*out, '.fi']

    def see_also(self, text, own, *always):
        names = sorted({n for n in re.findall(r'\bistauth_\w+', text) if n in self.functions and n != own})
        pages = [*names, *always]
        return ['.SH SEE ALSO', *(f'.BR {p} (3){"," if p != pages[-1] else ""}' for p in pages)]

    def function(self, header, symbol):
        doc = symbol.doc
        out = self.top(symbol.name, doc.brief) + self.synopsis(header, symbol.declaration)
        out += ['.SH DESCRIPTION', prose(doc.brief), *blocks(doc)]
        if doc.statuses:
            out += ['.SH RETURN VALUE']
            for name, when in doc.statuses:
                out += ['.TP', bold(name), prose(when) if when else '\\&']
        out += ['.SH HISTORY', f'Since libistauth {doc.since}.']
        return out + self.see_also(doc.text(), symbol.name, page_of(header))

    def symbol(self, symbol):
        if symbol.kind in ('macro', 'type'):
            yield from described(bold(symbol.declaration), symbol.doc)
            return
        members = []
        for member in symbol.members:
            if member.heading:
                members += ['.PP', prose(member.heading) + ':']
            listed = ', '.join(name + (f' ({when})' if when else '') for name, when in member.doc.statuses)
            answers = ['.PP', prose(f'Answers {listed}.')] if listed else []
            members += described(bold(member.declaration), member.doc, answers)
        name = ' ... '.join({symbol.members[0].name: 1, symbol.members[-1].name: 1}) if symbol.anonymous else symbol.name
        yield from described(bold(name), symbol.doc, members)

    def header(self, header):
        out = self.top(page_of(header), header.doc.brief) + self.synopsis(header)
        out += ['.SH DESCRIPTION', prose(header.doc.brief), *blocks(header.doc)]
        for title, kinds in (('FUNCTIONS', ('function',)), ('TYPES', ('struct', 'enum', 'type')), ('MACROS', ('macro',))):
            symbols = [s for s in header.symbols if s.kind in kinds]
            if not symbols:
                continue
            out.append(f'.SH {title}')
            for symbol in symbols:
                if symbol.kind == 'function':
                    out += ['.TP', f'.BR {symbol.name} (3)', prose(symbol.doc.brief)]
                else:
                    out += self.symbol(symbol)
        return out + self.see_also('', '', 'istauth')

    def library(self):
        umbrella = self.headers['istauth']
        out = self.top('istauth', umbrella.doc.brief) + self.synopsis(umbrella)
        out += ['.SH DESCRIPTION', prose(umbrella.doc.brief), *blocks(umbrella.doc)]
        for title, names in self.groups:
            out.append(f'.SS {title}')
            for header in (self.headers[n] for n in names if n != 'istauth'):
                out += ['.TP', f'.BR {page_of(header)} (3)', prose(header.doc.brief)]
        return out + self.see_also('', '', 'istauth_server.h', 'istauth_config.h', 'istauth_handle', 'istauth_verify')


def page_of(header):
    return 'istauth' if header.name == 'istauth' else f'istauth_{header.name}.h'


def write_all(headers, groups, library_of, version, date, folder):
    folder.mkdir(parents=True)
    manual = Manual(headers, groups, library_of, version, date)

    def write(name, lines):
        (folder / f'{name}.3').write_text('\n'.join(lines) + '\n', encoding='utf-8')

    write('istauth', manual.library())
    for header in headers.values():
        if header.name != 'istauth':
            write(page_of(header), manual.header(header))
        for symbol in header.symbols:
            if symbol.kind == 'function':
                write(symbol.name, manual.function(header, symbol))
            elif symbol.kind != 'macro' and not symbol.anonymous:
                (folder / f'{symbol.name}.3').symlink_to(f'{page_of(header)}.3')
