"""From the comments of our headers to Doxygen's: the filter that Doxygen reads each header through.

The headers are written to be read as they are. What a comment documents follows from its place:

    /* the first one of a file */   the header
    /* ... */ right above code      what follows
    code; /* ... */                 what stands before it
    any other                       nothing: it is a remark, or a heading. In a struct or an enum, one
                                    before an empty line or above a member that has a comment of its
                                    own is a heading over the members that follow.

Its first sentence is the brief. What else has a form of its own:

    ISTAUTH_E_GONE  when and why    a status; what goes on is indented
    ISTAUTH_OK, ISTAUTH_E_GONE (why).    the same as a sentence; in callbacks: OK, GONE (why).
    S-1  text                       any other term and its text
    since 0.1                       at the end
    indented, after an empty line   code, or another text that is kept as it is
"""
import re
import sys

COMMENT = re.compile(r'/\*(.*?)\*/', re.S)
WHY = r'(?: \((?:[^()]|\([^()]*\))*\))?'
START = r'(?:^|(?<=[.?!] ))'
STATUSES = re.compile(rf'{START}ISTAUTH_(?:OK|E_[A-Z_]+){WHY}(?:,? ISTAUTH_E_[A-Z_]+{WHY})*(?:\.|$)')
SHORT = re.compile(rf'{START}OK{WHY}(?:, [A-Z]+(?:_[A-Z]+)*{WHY})*(?:\.|$)')
STATUS = re.compile(rf'([A-Z]+(?:_[A-Z]+)*)({WHY})(?:,? |\.?$)')
TERM = re.compile(r'(any other|\S+) {2,}(\S.*)')
SENTENCE = re.compile(r'(.+?[.?!])(?= |$)', re.S)


def escape(text):
    return re.sub(r'[\\@&$#<>%"]', lambda c: '\\' + c.group(), text)


def full_name(status):
    if status.startswith('ISTAUTH_') or status == 'any other':
        return status.replace(' ', '_')  # a word for Doxygen; model.py puts it back
    return 'ISTAUTH_OK' if status == 'OK' else 'ISTAUTH_E_' + status


def paragraphs_of(comment):
    """Without decoration, as lists of lines; empty lines within what is indented are part of it."""
    lines = [re.sub(r'^\s*\* ?', '', line, count=1).rstrip() for line in comment.split('\n')]
    lines[0] = comment.split('\n')[0].strip()
    paragraphs = [[]]
    for line in lines:
        if line:
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    whole = []
    for p in filter(None, paragraphs):
        if whole and p[0].startswith('  ') and whole[-1][0].startswith('  '):
            whole[-1] += [''] + p
        else:
            whole.append(p)
    return whole


def kept_as_it_is(lines):
    indent = min(len(line) - len(line.lstrip()) for line in lines if line)
    code = any(';' in line for line in lines)
    opening, closing = ('@code{.c}', '@endcode') if code else ('@verbatim', '@endverbatim')
    return [opening, *(line[indent:] for line in lines), closing]


def split(lines):
    """A paragraph's terms with their texts, and the rest of it as one text."""
    terms, rest, current = [], [], None
    for line in lines:
        term = TERM.fullmatch(line)
        if term:
            terms.append(current := [term[1], term[2]])
        elif current and line.startswith('  '):
            current[1] += ' ' + line.strip()
        else:
            current = None
            rest.append(line.strip())
    return terms, ' '.join(rest)


def statuses_of(text):
    """The statuses that sentences of a text list, and the text without those sentences."""
    found = []

    def take(sentence):
        found.extend([name, why.strip()[1:-1]] for name, why in STATUS.findall(sentence.group()))
        return ''

    text = SHORT.sub(take, STATUSES.sub(take, text))
    return found, re.sub(r' {2,}', ' ', text).strip()


def is_status(term):
    return term.startswith('ISTAUTH_') or term == 'any other'


def read(lines):
    """A paragraph as lines for Doxygen, and the statuses that it tells of."""
    if lines[0].startswith('  '):
        return kept_as_it_is(lines), []
    terms, text = split(lines)
    listed, text = statuses_of(text)
    others = [f'<dt>{escape(t)}</dt><dd>{escape(d)}</dd>' for t, d in terms if not is_status(t)]
    told = [term for term in terms if is_status(term[0])] + listed
    return ([escape(text), ''] if text else []) + (['<dl>', *others, '</dl>'] if others else []), told


def with_brief(lines):
    """The first sentence for itself, unless the comment begins with something else than text."""
    if not lines or lines[0].startswith(('@', '<')):
        return lines
    brief = (SENTENCE.match(lines[0]) or [lines[0]])[0]
    return [f'@brief {brief}', '', lines[0][len(brief):].strip(), *lines[1:]]


def rewrite(comment):
    """The lines of a Doxygen comment."""
    since = re.search(r'\bsince (\d[\d.]*)\s*$', comment)
    lines, statuses = [], []
    for paragraph in paragraphs_of(comment[:since.start()] if since else comment):
        some, told = read(paragraph)
        lines += some + ['']
        statuses += told
    statuses.sort(key=lambda s: full_name(s[0]) != 'ISTAUTH_OK')
    lines = with_brief(lines) + [f'@retval {full_name(name)} {escape(why)}' for name, why in statuses]
    return lines + ([f'@since {since[1]}'] if since else [])


def kind_of(text, comment):
    """What a comment is about: 'file', what stands 'before' or 'after' it; a 'heading', or None."""
    at = comment.start()
    if at == 0:
        return 'file'
    if text[text.rfind('\n', 0, at) + 1:at].strip():
        return 'before'
    following = text[comment.end():].split('\n', 2)[1]
    inside = text.rfind('{', 0, at) > max(text.rfind('\n}', 0, at), text.rfind('extern "C" {'))
    if inside and (not following.strip() or '/*' in following):
        return 'heading'
    if not following.strip() or re.match(r'\s*(#include|#if|#e|\}|/\*)', following):
        return None
    return 'after'


def doxygen(text):
    def one(comment):
        kind = kind_of(text, comment)
        if not kind:
            return comment.group()
        if kind == 'heading':
            words = ' '.join(line for p in paragraphs_of(comment[1]) for line in p)
            return f'/** @par heading\n{escape(words)} */'
        opening = '/**<' if kind == 'before' else '/**'
        lines = (['@file'] if kind == 'file' else []) + rewrite(comment[1])
        return opening + ''.join(f'\n * {line}' for line in lines) + ' */'
    return COMMENT.sub(one, text)


if __name__ == '__main__':
    with open(sys.argv[1], encoding='utf-8') as header:
        sys.stdout.write(doxygen(header.read()))
