"""Hold the documentation against what it talks about; tests/docs/run has made it.

Every page and every header is looked at, whatever it is called: a new one needs no line here.

usage: check.py BUILD
"""
import ast
import html
import json
import re
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

ROOT, BUILD = Path(__file__).parents[2], Path(sys.argv[1])
sys.path.insert(0, str(ROOT / 'docs/site'))
import model
from programs import blocks
from text import RFC, rfcs

HTML, MAN = BUILD / 'docs/html', BUILD / 'docs/man/man3'
PAGES = [ROOT / 'README.md', ROOT / 'CHANGES.md', *sorted((ROOT / 'docs').glob('*.md'))]
HEADERS = sorted((ROOT / 'include').rglob('*.h'))
# Of these nothing is asked but that it is one of them.
SHOWN = {'', 'text', 'html', 'http', 'ini', 'nginx', 'sql', 'diff', 'cmake', 'make', 'yaml', 'css'}
counted = {'passed': 0, 'failed': 0}


def check(title, faults):
    faults = list(faults)
    counted['failed' if faults else 'passed'] += 1
    if faults:
        print(f'FAILED {title}', *faults[:20], sep='\n    ')


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, **options)


def near(path):
    return path.relative_to(ROOT)


# --- the reference: every exported symbol, and what its page says ---

def exported():
    for library in sorted(BUILD.glob('libistauth*.so')):
        yield from re.findall(r' [TDBR] (istauth_\w+)', run('nm', '-D', '--defined-only', library).stdout)
    yield from re.findall(r' T (istauth_\w+)', run('nm', '-g', '--defined-only', BUILD / 'libistauth-check.a').stdout)


def without_pages(names):
    for name in names:
        if not (MAN / f'{name}.3').is_file():
            yield f'no manual page for {name}'
        if not any(f'id="{name}"' in page for page in reference):
            yield f'no entry in the reference for {name}'


def synopses():
    """Include to (name, prototype) of each function, as its manual page shows them to a reader."""
    found = {}
    pages = [MAN / f'{name}.3' for name in sorted(functions)]
    shown = re.sub(r'.\x08', '', run('mandoc', '-T', 'ascii', '-O', 'width=300', *pages).stdout)
    texts = re.findall(r'^SYNOPSIS\n(.*?)^DESCRIPTION', shown, re.S | re.M)
    for name, text in zip(sorted(functions), texts, strict=True):
        include, prototype = text.strip().split('\n', 1)
        found.setdefault(include, []).append((name, prototype.strip()))
    return found


def wrong_synopses():
    """The include declares the function, and the prototype is the function's: a compiler says so."""
    for include, shown in synopses().items():
        program = include + '\n'
        for name, prototype in shown:
            program += f'void *use_{name}(void);\nvoid *use_{name}(void) {{ return (void *){name}; }}\n'
            program += '' if prototype.startswith('static inline') else prototype + '\n'
        said = run('gcc', '-std=c11', '-Wall', '-Werror', '-Iinclude', '-fsyntax-only', '-x', 'c', '-', input=program)
        yield from said.stderr.splitlines()


def badly_set():
    pages = sorted(MAN.glob('*.3'))
    yield from run('mandoc', '-T', 'lint', '-W', 'warning', *pages).stdout.splitlines()
    yield from run('groff', '-ww', '-man', '-Tutf8', '-z', *pages).stderr.splitlines()


def lacking_sections():
    for symbol in functions.values():
        page = (MAN / f'{symbol.name}.3').read_text(encoding='utf-8')
        wanted = ['NAME', 'LIBRARY', 'SYNOPSIS', 'DESCRIPTION', 'HISTORY', 'SEE ALSO']
        wanted += ['RETURN VALUE'] if symbol.returns == 'istauth_status' else []
        yield from (f'{symbol.name}: no {section}' for section in wanted if f'\n.SH {section}\n' not in page)
        yield from (f'{symbol.name}: {status} is not told' for status, _ in symbol.doc.statuses if status not in page)


def unseen():
    """Public names in the headers' code that the reference does not know: what Doxygen passed over."""
    private = {'istauth_arena_block', 'istauth_request', 'istauth_response'} - names # struct tags alone
    for path in HEADERS:
        code = re.sub(r'/\*.*?\*/|"[^"]*"|#include[^\n]*', ' ', path.read_text(encoding='utf-8'), flags=re.S)
        for name in sorted(set(re.findall(r'\b(?:istauth|ISTAUTH)_\w+', code)) - names - private):
            if name != f'ISTAUTH_{path.stem.upper()}_H' and name != 'ISTAUTH_H':
                yield f'{near(path)}: {name}'


def lost_words():
    """Every word of a header's comments stands on its page, whatever the filter makes of them. Remarks that
    are about no symbol do not: they stand before an empty line, a closing brace or other headers."""
    for path in HEADERS:
        page = re.sub(r'<wbr>', '', (HTML / f'reference/{path.stem}.html').read_text(encoding='utf-8'))
        told = set(re.findall(r'\w+', html.unescape(re.sub(r'<[^>]+>', ' ', page.partition('<main>')[2]))))
        told |= {name.removeprefix('ISTAUTH_').removeprefix('E_') for name in told if name.startswith('ISTAUTH_')}
        text = path.read_text(encoding='utf-8')
        for comment in re.finditer(r'/\*(.*?)\*/\n?([^\n]*)', text, re.S):
            remark = re.match(r'\s*($|\}|#include)', comment[2]) and not text[:comment.start()].rpartition('\n')[2].strip()
            lost = set() if remark and comment.start() else set(re.findall(r'\w+', comment[1])) - told
            if lost:
                yield f"{near(path)}: {', '.join(sorted(lost))}"


# --- links: of the site, whose pages are those of the repository, too ---

class Page(HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.path, self.ids, self.links, self.taken = path, [], [], []
        self.feed(path.read_text(encoding='utf-8'))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids += [attributes['id']] if 'id' in attributes else []
        self.links += [attributes['href']] if tag == 'a' and 'href' in attributes else []
        self.taken += [attributes[name] for name in ('src', 'href') if tag != 'a' and name in attributes]


def leads_nowhere(pages):
    anchors = {page.path: set(page.ids) for page in pages}
    for page in pages:
        for link in page.links + page.taken:
            file, _, anchor = link.partition('#')
            if re.match(r'[a-z]+:', file):
                continue
            target = (page.path.parent / file).resolve() if file else page.path
            if not target.is_file():
                yield f'{page.path.relative_to(HTML)}: {link}'
            elif anchor and anchor not in anchors[target]:
                yield f'{page.path.relative_to(HTML)}: {link} (no such place)'


def badly_formed(pages):
    """Addresses elsewhere cannot be followed here; they can be looked at."""
    section = r'(#(section-\d+(\.\d+)*|appendix-[A-Z](\.\d+)*))?'
    for link in sorted({link for page in pages for link in page.links if re.match(r'[a-z]+:', link)}):
        rfc = re.search(r'rfc/?(\d+)', link)
        if rfc and (rfc[1] not in known or not re.fullmatch(rf'https://www\.rfc-editor\.org/rfc/rfc\d+{section}', link)):
            yield f'{link}: not of the form https://www.rfc-editor.org/rfc/rfcN#section-N, or not in docs/site/rfcs.txt'
        elif not re.fullmatch(r'https://[a-z0-9.-]+\.[a-z]+(/\S*)?|http://(127\.0\.0\.1|localhost)(:\d+)?(/\S*)?', link):
            yield link


def taken_from_elsewhere(pages):
    yield from (f'{page.path.name}: {link}' for page in pages for link in page.taken
                if re.match(r'[a-z]+:|//', link) and link != 'data:,')


def twice(pages):
    yield from (f'{page.path.relative_to(HTML)}: {name}' for page in pages
                for name in sorted({i for i in page.ids if page.ids.count(i) > 1}))


# --- what the text names ---

def unknown_rfcs():
    for path in [*PAGES, *HEADERS]:
        for number in sorted(set(m[1] for m in RFC.finditer(path.read_text(encoding='utf-8')))):
            if number not in known:
                yield f'{near(path)}: RFC {number} is not in docs/site/rfcs.txt'


def unknown_files():
    """Headers and pages that a header's comment sends its reader to."""
    for path in HEADERS:
        for name in re.findall(r'\b(?:istauth/)?[a-z_]+\.h\b|\bdocs/[a-z-]+\.md\b|\bexamples/[\w/.]+\b', path.read_text()):
            places = [ROOT / name, ROOT / 'include' / name, ROOT / 'include/istauth' / name]
            if not any(p.exists() for p in places) and name not in ('stdbool.h', 'stddef.h', 'stdint.h', 'stdio.h', 'string.h', 'pthread.h'):
                yield f'{near(path)}: {name}'


def unknown_names():
    """istauth_... and ISTAUTH_... in pages: symbols, the beginnings of some, or headers; or ours inside."""
    files = {p.stem for p in HEADERS}
    places = [*(ROOT / 'lib').rglob('*.h'), *(ROOT / 'lib').glob('*.map'), *(ROOT / 'tests/support').glob('*.c')]
    inside = ' '.join(p.read_text(encoding='utf-8') for p in places)
    for path in PAGES:
        for name in sorted(set(re.findall(r'\b(?:istauth|ISTAUTH)_\w+', path.read_text(encoding='utf-8')))):
            if name in files or any(n.startswith(name) for n in names):
                continue
            if not re.match('istauth__|ISTAUTH_TEST_|ISTAUTH_[0-9]', name) or name not in inside:
                yield f'{near(path)}: {name}'


def unknown_members():
    """Members that text names: istauth_config.issuer, or hooks.subject for short."""
    known_members = {f'{s.name}.{m.name}' for h in headers.values() for s in h.symbols for m in s.members}
    short = r'\b(?<![.>])(?:config|hooks|lifetimes|limits)\.[a-z]\w+'
    for path in [*PAGES, *HEADERS]:
        text = path.read_text(encoding='utf-8')
        found = set(re.findall(r'\b(istauth_\w+\.[a-z]\w+)', text)) | {f'istauth_{n}' for n in re.findall(short, text)}
        yield from (f'{near(path)}: {name}' for name in sorted(found - known_members) if not name.endswith(('.h', '.pc', '.map')))


# --- code ---

def code_in(path):
    """Everything that a page shows as code: blocks, indented lines, and what is in backticks."""
    text = path.read_text(encoding='utf-8')
    yield from (code for language, code, _ in blocks(text) if language in ('', 'sh', 'text'))
    yield from re.findall(r'(?:^|\n)((?: {4}.*\n)+)', re.sub(r'^```.*?^```$', '', text, flags=re.S | re.M))
    yield from re.findall(r'`([^`\n]+)`', re.sub(r'^```.*?^```$', '', text, flags=re.S | re.M))


def broken_blocks():
    for path in PAGES:
        for line, text in enumerate(path.read_text(encoding='utf-8').split('\n'), 1):
            if re.match(r'\s+```|\s*~~~', text):
                yield f'{near(path)}:{line}: a block that no check sees: begin it with ``` at the margin'
        for language, code, line in blocks(path.read_text(encoding='utf-8')):
            fault = broken(language, code)
            if fault:
                yield f'{near(path)}:{line}: {fault}'


def broken(language, code):
    if language == 'c' or language in SHOWN: # C is compiled by tests/install
        return ''
    if language == 'json':
        return failure(json.loads, code)
    if language == 'python':
        return failure(ast.parse, code)
    if language == 'sh':
        return run('sh', '-n', input=code).stderr
    if language in ('js', 'mjs'):
        with tempfile.NamedTemporaryFile('w', suffix='.mjs') as file:
            file.write(code)
            file.flush()
            return run(*NODE, '--check', file.name).stderr
    return f'a language that no check knows: {language}'


def failure(read, code):
    try:
        read(code)
    except (ValueError, SyntaxError) as fault:
        return str(fault)
    return ''


def unknown_targets():
    for path in PAGES:
        for code in code_in(path):
            for words in re.findall(r'(?:^|[;&|(`]|\n)\s*(?:sudo |\w+=\S+ )*make((?: +[^\s#;&|)]+)*)', code):
                for word in words.split():
                    if re.fullmatch(r'[a-z][a-z-]*', word) and word not in targets:
                        yield f'{near(path)}: make {word}'


def unknown_options():
    """Options of our own programs: those that their --help names."""
    helps = {}
    for path in PAGES:
        for code in code_in(path):
            joined = code.replace('\\\n', ' ')
            for program, rest in re.findall(r'\bbuild/([a-z_]+)((?: [^\n;&|]*)?)', joined):
                options = re.findall(r'(?<= )--[a-z][a-z-]*', rest)
                if options and program not in helps:
                    run('make', '-s', f'BUILD={BUILD}', f'{BUILD}/{program}')
                    said = run(str(BUILD / program), '--help')
                    helps[program] = said.stdout + said.stderr
                for option in options:
                    if not re.search(rf'{option}(?![a-z-])', helps[program]):
                        yield f'{near(path)}: build/{program} {option}'


headers = model.read(BUILD / 'docs/xml')
functions = {s.name: s for h in headers.values() for s in h.symbols if s.kind == 'function'}
names = {n for h in headers.values() for s in h.symbols for n in [s.name, *(m.name for m in s.members)]}
known = rfcs(ROOT / 'docs/site/rfcs.txt')
reference = [page.read_text(encoding='utf-8') for page in (HTML / 'reference').glob('*.html')]
NODE = [str(next((ROOT / 'tests/node_modules').glob('node-linux-*/bin/node'), 'node'))]
makefiles = [ROOT / 'Makefile', *(p for d in ('docs', 'examples', 'pkgconfig', 'tests') for p in (ROOT / d).glob('*.mk'))]
targets = {t for p in makefiles for line in re.findall(r'^([a-z][a-z -]*):', p.read_text(), re.M) for t in line.split()}
pages = [Page(path) for path in sorted(HTML.rglob('*.html'))]

check('there is a symbol to document, in each library', [] if len(set(exported())) > 60 else [f'{len(set(exported()))}'])
check('every function has a manual page and an entry in the reference', without_pages(sorted({*exported(), *functions})))
check('every exported function is one that a header declares', sorted(set(exported()) - set(functions)))
check('no public name of a header is missing in the reference', unseen())
check('no word of a header is lost on the way to its page', lost_words())
check('manual pages render without a warning', badly_set())
check('manual pages have their sections, and every status', lacking_sections())
check('manual pages show the right include and prototype', wrong_synopses())
check('every link of the site leads somewhere', leads_nowhere(pages))
check('every address elsewhere is well formed', badly_formed(pages))
check('the site takes nothing from elsewhere', taken_from_elsewhere(pages))
check('every id is there once', twice(pages))
check('every RFC is known', unknown_rfcs())
check('headers send their readers to files that are there', unknown_files())
check('pages name symbols that are there', unknown_names())
check('text names members that are there', unknown_members())
check('JSON, shell, JavaScript and Python in pages is sound', broken_blocks())
check('pages name targets of the Makefile', unknown_targets())
check('pages name options that programs have', unknown_options())
print(f"documentation: {counted['passed']} passed, {counted['failed']} failed")
sys.exit(counted['failed'] > 0)
