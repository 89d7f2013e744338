"""What docs/site/comments.py makes of each form that a comment in a header may have."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / 'docs/site'))
from comments import doxygen

CASES = {
    'the first comment is the file\'s': (
        '/* Tokens. */\n#ifndef X\n', ['/**', ' * @file', ' * @brief Tokens.']),
    'the first sentence is the brief, the rest follows': (
        '\n/* May it? Yes: RFC 6749 4.1 says so. More. since 0.1 */\nint f(void);\n',
        [' * @brief May it?', ' * Yes: RFC 6749 4.1 says so. More.', ' * @since 0.1']),
    'statuses in lines, with what goes on': (
        '\n/* Do it.\n *\n * ISTAUTH_OK\n * ISTAUTH_E_GONE  it is no\n *                 more\n * any other       see above\n * since 0.1 */\nint f(void);\n',
        [' * @retval ISTAUTH_OK ', ' * @retval ISTAUTH_E_GONE it is no more', ' * @retval any_other see above', ' * @since 0.1']),
    'statuses as a sentence, success first': (
        '\n/* Do it. ISTAUTH_OK, ISTAUTH_E_A (a, b (c)), ISTAUTH_E_B. since 0.1 */\nint f(void);\n',
        [' * @brief Do it.', ' * @retval ISTAUTH_OK ', ' * @retval ISTAUTH_E_A a, b (c)', ' * @retval ISTAUTH_E_B ']),
    'statuses over two lines, one of them in brackets': (
        '\n/* Do it.\n * ISTAUTH_OK, ISTAUTH_E_A (a\n * b), ISTAUTH_E_B\n * since 0.1 */\nint f(void);\n',
        [' * @retval ISTAUTH_E_A a b', ' * @retval ISTAUTH_E_B ']),
    'a callback\'s statuses, without prefix': (
        'struct s {\n    /* Look. OK, NOT_FOUND (none). */\n    int (*get)(void);\n};\n',
        [' * @brief Look.', ' * @retval ISTAUTH_OK ', ' * @retval ISTAUTH_E_NOT_FOUND none']),
    'a status within a sentence is text': (
        '\n/* 200 for ISTAUTH_OK. */\nint f(void);\n', [' * @brief 200 for ISTAUTH_OK.']),
    'terms': (
        '\n/* Rules.\n *\n * S-1  First,\n *      indeed. */\nint f(void);\n',
        [' * <dl>', ' * <dt>S-1</dt><dd>First, indeed.</dd>', ' * </dl>']),
    'code': (
        '\n/* Use it.\n *\n *   f(\n *     1);\n *\n * Done. */\nint f(int);\n',
        [' * @code{.c}', ' * f(', ' *   1);', ' * @endcode', ' * Done.']),
    'what is no code is kept as well': (
        '\n/* Looks.\n *\n *   a + b\n */\nint f(void);\n', [' * @verbatim', ' * a + b', ' * @endverbatim']),
    'behind code': (
        '#define N 3 /* bytes */\n', ['#define N 3 /**<', ' * @brief bytes']),
    'a heading in an enum': (
        'enum e {\n    /* -1xx: yours */\n    A = 1, /* one */\n    B /* two */\n};\n',
        ['    /** @par heading', '-1xx: yours */', '    A = 1, /**<']),
    'a heading before an empty line': (
        'enum e {\n    /* all of them */\n\n    A,\n};\n', ['    /** @par heading', 'all of them */']),
    'remarks are left alone': (
        '\n/* --- other things --- */\n\n/* rules */\n#include <a.h>\nstruct s {\n    int a;\n    /* 0.1 ends here */\n};\n',
        ['/* --- other things --- */', '/* rules */', '    /* 0.1 ends here */']),
    'what Doxygen would take for its own': (
        '\n/* a@b, <c>, 50%, "d" and e#f. */\nint f(void);\n',
        [' * @brief a\\@b, \\<c\\>, 50\\%, \\"d\\" and e\\#f.']),
}

failed = 0
for title, (header, wanted) in CASES.items():
    # Fewer ends of comments to write above: they stand at the end of a last line.
    lines = [line.removesuffix(' */').rstrip() for line in doxygen(header).split('\n')]
    missing = [line for line in wanted if line.removesuffix(' */').rstrip() not in lines]
    if missing:
        failed += 1
        print(f'FAILED {title}', *missing, '  is not in', *lines, sep='\n    ')
print(f'comment filter: {len(CASES) - failed} passed, {failed} failed')
sys.exit(failed > 0)
