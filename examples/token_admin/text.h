/* Text from strangers, for a terminal: what could move the cursor, change colours, turn the reading
 * direction or hide is written as an escape, \u{202e}, and so is what is no UTF-8, \xff. */
#ifndef TOKEN_ADMIN_TEXT_H
#define TOKEN_ADMIN_TEXT_H

#include <istauth.h>

#include <stdio.h>

/* Once, in front of the rest: what the locale says of characters. */
void text_start(void);

/* As a JSON string, in plain ASCII; what is no UTF-8 is U+FFFD. */
void text_write_json(FILE *to, istauth_str text);

/* Columns that it takes when it is written. */
size_t text_width(istauth_str text);

/* Write it in at most `most` columns, with "..." in the last of them when there was more. Returns how
 * many it took. */
size_t text_write(FILE *to, istauth_str text, size_t most);

#endif
