"""Make the HTML site and the man pages of Doxygen's XML and of the Markdown pages.

usage: build.py DATE    from the top of the repository, after Doxygen

Fails, with everything made all the same, when a link leads nowhere or something public is not
documented or not listed.
"""
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import man
import model
from guides import Reader, source_url
from pages import Page, Site
from text import Linker, rfcs

HERE = Path(__file__).parent


def library_of(header):
    """The pkg-config name of what defines a header's functions."""
    if header == 'store_check':
        return 'libistauth-check'
    if header == 'curl_fetch':
        return 'libistauth-curl'
    store = re.fullmatch(r'(\w+)_store', header)
    return f'libistauth-{store[1]}' if store and store[1] != 'memory' else 'libistauth'


def contents(root):
    """docs/README.md decides what stands where: guides under their question (its lines in bold), headers
    under their task (its `###`). Lists of (title, links) and of (title, names)."""
    guides, groups = [('', [])], []
    for line in (root / 'docs/README.md').read_text(encoding='utf-8').splitlines():
        bold = re.fullmatch(r'\*\*(.+)\*\*', line)
        if bold:
            guides.append((bold[1], []))
        if line.startswith('### '):
            groups.append((line[4:], []))
        for link in re.findall(r'\]\(([^)#]+)', line):
            header = re.fullmatch(r'\.\./include/(?:istauth/)?(\w+)\.h', link)
            if header and groups:
                groups[-1][1].append(header[1])
            elif re.fullmatch(r'(\.\./)?[\w-]+\.md', link) and not any(link in links for _, links in guides):
                guides[-1][1].append(link)
    return guides, groups


def unlisted(root, headers):
    """What docs/README.md does not lead to, although it is there."""
    guides, groups = contents(root)
    for page in sorted((root / 'docs').glob('*.md')):
        if not any(page.name in links for _, links in guides) and page.name != 'README.md':
            yield f'docs/{page.name}'
    listed = [name for _, names in groups for name in names]
    for header in headers.values():
        if listed.count(header.name) != 1:
            yield f'{header.path} ({listed.count(header.name)} times)'


def read_guides(root, reader):
    """The front page, and the others as (title, guides); those that it forgot come last."""
    front = reader.read('docs/README.md')
    groups, seen = [], {'docs/README.md'}
    for title, links in [*contents(root)[0], ('And', [p.name for p in sorted((root / 'docs').glob('*.md'))])]:
        paths = [link[3:] if link.startswith('../') else f'docs/{link}' for link in links]
        paths = [p for p in paths if p not in seen and (root / p).exists()]
        seen |= set(paths)
        if paths:
            groups.append((title, [reader.read(p) for p in paths]))
    return front, groups


def show_sources(root, site, reader, out):
    """Files of ours that pages lead to, and all files of folders that they lead to."""
    wanted = reader.sources | {f'include/{h.path}' for h in site.headers.values()}
    for place in sorted(p for p in wanted if (root / p).is_dir()):
        listed = subprocess.run(['git', '-C', root, 'ls-files', place], capture_output=True, text=True).stdout.split()
        files = listed or sorted(str(p.relative_to(root)) for p in (root / place).rglob('*') if p.is_file())
        names = [f[len(place) + 1:] for f in files if readable(root / f) is not None]
        write(out, site, site.folder(place, source_url(root, place), names))
        wanted = wanted | {f'{place}/{name}' for name in names}
    for place in sorted(p for p in wanted if (root / p).is_file()):
        text = readable(root / place)
        if text is not None:
            write(out, site, site.source(place, source_url(root, place), text))


def readable(path):
    try:
        return path.read_text(encoding='utf-8')
    except (UnicodeDecodeError, OSError):
        return None


def search_index(site, guides):
    entries = []
    # What the README and the changes say, too, is said at more length elsewhere.
    for guide in sorted(guides, key=lambda guide: not guide.path.startswith('docs/')):
        for level, anchor, text in guide.anchors:
            where = [text, guide.title, f'{guide.url}#{anchor}'] if level > 1 else [text, guide.summary, guide.url]
            entries.append([*where, ' '.join(sorted(guide.words[anchor]))])
    for name, (header, symbol) in sorted(site.linker.symbols.items()):
        doc = next((m.doc for m in symbol.members if m.name in name.split('.')), symbol.doc)
        entries.append([name, doc.brief.replace('`', ''), site.linker.find(name)])
    return f'window.pages = {json.dumps(entries, ensure_ascii=False, indent=0)}\n'


def write(out, site, page):
    target = out / page.url
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(site.html(page), encoding='utf-8')


def make_site(root, headers, version, out):
    linker = Linker(headers, rfcs(HERE / 'rfcs.txt'))
    reader = Reader(root, linker)
    front, groups = read_guides(root, reader)
    guides = [guide for _, some in groups for guide in some]
    site = Site(version, groups, contents(root)[1], headers, linker)
    pages = [site.guide(front), *map(site.guide, guides), site.reference(), site.names()]
    pages += [site.header(h, library_of(h.name)) for h in headers.values()]
    for page in pages:
        write(out, site, page)
    show_sources(root, site, reader, out)
    for image in reader.images:
        shutil.copy(root / image, out / Path(image).name)
    for name in ('style.css', 'search.js'):
        shutil.copy(HERE / name, out / name)
    (out / 'search-index.js').write_text(search_index(site, guides), encoding='utf-8')
    return reader.broken


def main(root, out, date):
    headers = model.read(out / 'xml')
    version = re.search(r'ISTAUTH_VERSION "(.*)"', (root / 'include/istauth/version.h').read_text())[1]
    for folder in ('html', 'man'):
        shutil.rmtree(out / folder, ignore_errors=True)
        (out / folder).mkdir(parents=True)
    complaints = [f'leads nowhere: {link}' for link in make_site(root, headers, version, out / 'html')]
    complaints += lacking(root, headers)
    man.write_all(headers, contents(root)[1], library_of, version, date, out / 'man/man3')
    for line in complaints:
        print(f'docs: {line}', file=sys.stderr)
    return 1 if complaints else 0


def lacking(root, headers):
    yield from (f'undocumented: {what}' for what in model.undocumented(headers))
    yield from (f'docs/README.md does not lead to {what}' for what in unlisted(root, headers))


if __name__ == '__main__':
    sys.exit(main(Path('.'), Path(os.environ['BUILD']) / 'docs', sys.argv[1]))
