"""What Doxygen's XML says of the headers, as plain objects: headers, and the symbols in each."""
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Doc:
    """A comment: `brief` is a sentence, `blocks` are (kind, content) of kind p, code, pre or terms."""
    brief: str = ''
    blocks: list = field(default_factory=list)
    statuses: list = field(default_factory=list)  # (name, when)
    since: str = ''
    heading: str = ''

    def text(self):
        told = [self.brief, *(when for _, when in self.statuses)]
        for kind, content in self.blocks:
            told += [content] if kind == 'p' else [text for _, text in content] if kind == 'terms' else []
        return ' '.join(told)


@dataclass
class Member:
    """Of a struct or an enum. `heading` stands above it and those that follow."""
    name: str
    declaration: str
    doc: Doc

    @property
    def heading(self):
        return self.doc.heading


@dataclass
class Symbol:
    kind: str  # function, macro, struct, enum, type
    name: str  # of an enum without a name: that of its first value
    declaration: str
    doc: Doc
    line: int
    members: list = field(default_factory=list)
    anonymous: bool = False
    returns: str = ''


@dataclass
class Header:
    name: str  # pkce, or istauth for the umbrella
    path: str  # istauth/pkce.h
    doc: Doc
    symbols: list


def flat(element):
    """All text below an element, one space between words."""
    return re.sub(r'\s+', ' ', ''.join(element.itertext())).strip() if element is not None else ''


def listing(element):
    lines = []
    for line in element.iter('codeline'):
        for space in line.iter('sp'):
            space.text = ' '
        lines.append(''.join(line.itertext()))
    return '\n'.join(lines).strip('\n')


def read_para(para, doc):
    text = [para.text or '']

    def flush():
        words = re.sub(r'\s+', ' ', ''.join(text)).strip()
        if words:
            doc.blocks.append(('p', words))
        text.clear()

    for child in para:
        if child.tag == 'parameterlist':
            flush()
            doc.statuses += [(flat(item.find('parameternamelist')).replace('any_other', 'any other'), flat(item.find('parameterdescription')))
                             for item in child]
        elif child.tag == 'simplesect' and child.get('kind') == 'since':
            flush()
            doc.since = flat(child)
        elif child.tag == 'simplesect':  # comments.py makes no other
            flush()
            doc.heading = flat(child.find('para'))
        elif child.tag == 'programlisting':
            flush()
            doc.blocks.append(('code', listing(child)))
        elif child.tag == 'verbatim':
            flush()
            doc.blocks.append(('pre', re.sub(r'^\* ?', '', child.text, flags=re.M).strip('\n')))
        elif child.tag == 'variablelist':
            flush()
            names = [flat(entry) for entry in child.findall('varlistentry')]
            doc.blocks.append(('terms', list(zip(names, map(flat, child.findall('listitem'))))))
        else:
            text.append(''.join(child.itertext()))
        text.append(child.tail or '')
    flush()


def read_doc(element):
    doc = Doc(brief=flat(element.find('briefdescription')))
    for para in element.find('detaileddescription').iter('para'):
        # Doxygen nests paragraphs in lists of its own: those are read with the list.
        read_para(para, doc) if para in list(element.find('detaileddescription')) else None
    return doc


def spaced(declaration):
    declaration = re.sub(r' ?\(\s*\*\s*', ' (*', re.sub(r'\s+', ' ', declaration))
    return re.sub(r'\* (?=\w)', '*', re.sub(r'(\w)\*', r'\1 *', declaration)).strip()


def prototype(returns, name, params):
    """On one line, or one parameter a line where that is too long."""
    glue = '' if returns.endswith('*') else ' '
    whole = f'{returns}{glue}{name}({", ".join(params)});'
    if len(whole) <= 80:
        return whole
    return f'{returns}{glue}{name}(\n' + ',\n'.join(f'    {p}' for p in params) + ');'


def read_function(element):
    inline = element.get('inline') == 'yes'
    returns = spaced(flat(element.find('type')).replace('static', '').replace('inline', ''))
    params = []
    for param in element.findall('param'):
        array = flat(param.find('array'))
        params.append(spaced(f"{flat(param.find('type'))} {flat(param.find('declname'))}{array}"))
    name = flat(element.find('name'))
    declaration = prototype(('static inline ' if inline else '') + returns, name, params or ['void'])
    return Symbol('function', name, declaration, read_doc(element), int(element.find('location').get('line')),
                  returns=returns)


def read_macro(element):
    name = flat(element.find('name'))
    params = [flat(p) for p in element.findall('param')]
    value = flat(element.find('initializer'))
    return Symbol('macro', name, f"#define {name}{'(' + ', '.join(params) + ')' if params else ''} {value}".strip(),
                  read_doc(element), int(element.find('location').get('line')))


def read_enum(element):
    values = [Member(flat(v.find('name')), f"{flat(v.find('name'))} {flat(v.find('initializer'))}".strip(), read_doc(v))
              for v in element.findall('enumvalue')]
    name = flat(element.find('name'))
    nameless = not name or name.startswith('@')
    return Symbol('enum', values[0].name if nameless else name, 'enum' if nameless else f'typedef enum {name}',
                  read_doc(element), int(element.find('location').get('line')), values, nameless)


def read_struct(element):
    members, shared, line = [], None, None
    for member in reversed(list(element.iter('memberdef'))):
        # In `int a, b; /* ... */` the comment is of both, and Doxygen gives it to the last.
        doc = read_doc(member)
        if not doc.brief and member.find('location').get('line') == line:
            doc = shared
        shared, line = doc, member.find('location').get('line')
        kind, args = flat(member.find('type')), flat(member.find('argsstring'))
        members.insert(0, Member(flat(member.find('name')), spaced(f"{kind} {flat(member.find('name'))}{args}"), doc))
    name = flat(element.find('compoundname'))
    return Symbol('struct', name, f'typedef struct {name}', read_doc(element),
                  int(element.find('location').get('line')), members)


def read_typedef(element):
    name = flat(element.find('name'))
    return Symbol('type', name, f"typedef {spaced(flat(element.find('type')))} {name};", read_doc(element),
                  int(element.find('location').get('line')))


READERS = {'function': read_function, 'define': read_macro, 'enum': read_enum, 'typedef': read_typedef}


def read_header(xml, element):
    symbols = []
    for inner in element.findall('innerclass'):
        struct = ET.parse(xml / f"{inner.get('refid')}.xml").find('compounddef')
        if struct.find('location').get('bodyfile') == element.find('location').get('file'):
            symbols.append(read_struct(struct))
    structs = {s.name for s in symbols}
    for member in element.iter('memberdef'):
        if flat(member.find('name')) not in structs:
            symbols.append(READERS[member.get('kind')](member))
    symbols.sort(key=lambda s: s.line)
    path = element.find('location').get('file')
    return Header(Path(path).stem, path, read_doc(element), symbols)


def read(xml):
    """All headers by name."""
    index = ET.parse(xml / 'index.xml')
    headers = [read_header(xml, ET.parse(xml / f"{c.get('refid')}.xml").find('compounddef'))
               for c in index.iter('compound') if c.get('kind') == 'file']
    return {h.name: h for h in sorted(headers, key=lambda h: h.name)}


def undocumented(headers):
    """Everything public of which no comment says anything."""
    for header in headers.values():
        if not header.doc.brief:
            yield f'{header.path} itself'
        for symbol in header.symbols:
            if not symbol.doc.brief:
                yield f'{header.path}: {symbol.name}'
            heading = ''
            for member in symbol.members:
                heading = member.heading or heading
                if not member.doc.brief and not heading:
                    yield f'{header.path}: {symbol.name}.{member.name}'
            if symbol.kind == 'function' and not symbol.doc.since:
                yield f'{header.path}: since when there is {symbol.name}'
            if symbol.returns == 'istauth_status' and not symbol.doc.statuses:
                yield f'{header.path}: what {symbol.name} answers'
