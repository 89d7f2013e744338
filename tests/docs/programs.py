#!/usr/bin/python3 -B
"""Write the programs that the documentation shows, and name each on a line: FILE TAB WHERE.

A page's ```c blocks, in order, are one program; a block that includes <istauth.h> begins another. So is
each piece of code in a header's comment, behind an #include of that header.

usage: programs.py FOLDER PAGE|HEADER...
"""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / 'docs/site'))
from comments import COMMENT, paragraphs_of

FENCE = re.compile(r'^```(\S*).*?\n(.*?)^```$', re.S | re.M)


def blocks(text):
    """(language, code, line) of every fenced block."""
    for block in FENCE.finditer(text):
        yield block[1], block[2], text.count('\n', 0, block.start()) + 2


def of_page(path):
    programs = []
    for language, code, line in blocks(path.read_text(encoding='utf-8')):
        if language != 'c':
            continue
        if '#include <istauth.h>' in code or not programs:
            programs.append('')
        programs[-1] += f'#line {line} "{path}"\n{code}'
    return programs


def of_header(path):
    include = str(path).removeprefix('include/')
    text = path.read_text(encoding='utf-8')
    for comment in COMMENT.finditer(text):
        for lines in paragraphs_of(comment[1]):
            if lines[0].startswith('  ') and any(';' in line for line in lines):
                line = text.count('\n', 0, text.index(lines[0], comment.start())) + 1
                yield f'#include <{include}>\n#line {line} "{path}"\n' + '\n'.join(lines) + '\n'


def main(folder, paths):
    for path in map(Path, paths):
        for number, program in enumerate(of_header(path) if path.suffix == '.h' else of_page(path), 1):
            target = folder / f'{path.stem}-{path.suffix[1:]}-{number}.c'
            target.write_text(program, encoding='utf-8')
            print(f'{target}\t{path}, program {number}')


if __name__ == '__main__':
    main(Path(sys.argv[1]), sys.argv[2:])
