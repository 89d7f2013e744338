#include "board.h"

/* What is on the board when the server starts. Seeded times lie in the past, a few hours apart. */

typedef struct seed_line {
    const char *author;
    const char *text;
} seed_line;

typedef struct seed_card {
    const char *author, *title, *description;
    board_column column;
    seed_line tasks[4]; /* author set: done */
    seed_line comments[3];
    const char *file_name, *file_text;
} seed_card;

typedef struct seed_workspace {
    const char *id, *name;
    seed_card cards[4];
    seed_line chat[4];
} seed_workspace;

#define ADA "Ada Lovelace"
#define GRACE "Grace Hopper"
#define CHARLES "Charles Babbage"
#define HOWARD "Howard Aiken"

static const seed_workspace seeds[] = {
    { "ws_engine",
      "Analytical Engine",
      { { ADA,
          "Compute the Bernoulli numbers",
          "Work out B1, B3, B5 and B7 on the engine, with no table prepared beforehand. The "
          "operation "
          "cards loop back on themselves for each further number.",
          BOARD_DOING,
          { { ADA, "Write the recurrence with A0 = -1/2 (2n-1)/(2n+1)" },
            { ADA, "Assign variables V1 to V24" },
            { NULL, "Draw the table of operations up to B7" },
            { NULL, "Check operation 4 by hand: divisor and dividend look exchanged" } },
          { { CHARLES,
              "Let us first prove it for n = 4, as the longest case that fits on one sheet." },
            { ADA, "Agreed. The cycle of operations 13 to 23 repeats; only V6 to V13 change." } },
          "note-g.txt",
          "Operation  Acts on    Result in      Meaning\n"
          "1          V2 x V3    V4, V5, V6     2n\n"
          "2          V4 - V1    V4             2n - 1\n"
          "3          V5 + V1    V5             2n + 1\n"
          "4          V5 / V4    V11            (2n - 1) / (2n + 1)\n" },
        { CHARLES,
          "Carry mechanism jams above 40 digits",
          "Anticipating carriage works on the test stand up to 39 wheels. Beyond, the carry "
          "warning arms "
          "bind when several wheels stand at nine.",
          BOARD_TODO,
          { { NULL, "Measure play in the warning arms" },
            { NULL, "Ask Clement for new brass stock" } },
          { { ADA, "Would a second pass for the upper half do until the arms are recut?" } },
          NULL,
          NULL },
        { ADA,
          "Translate Menabrea's memoir",
          "Translation of the Turin memoir for Taylor's Scientific Memoirs, with notes A to G.",
          BOARD_DONE,
          { { ADA, "Translate" }, { ADA, "Notes A to F" }, { ADA, "Note G" } },
          { { CHARLES,
              "Reads far better than the original. The notes are three times its length!" } },
          NULL,
          NULL } },
      { { CHARLES, "The mill drawings are back from the draughtsman." },
        { ADA, "Splendid. Could you bring plan 25 on Thursday?" },
        { CHARLES, "I shall. Have you settled the sign in operation 21?" },
        { ADA, "Yes: it subtracts. The table on the Bernoulli card is corrected." } } },

    { "ws_notes",
      "Notes",
      { { ADA,
          "Poetical science",
          "Thoughts on what the engine might do beyond numbers: it could act on any objects whose "
          "relations "
          "can be expressed by the abstract science of operations.",
          BOARD_DOING,
          { { ADA, "Example: pitched sounds" },
            { NULL, "Example: the weaving of leaves and flowers" } },
          { { ADA, "Keep the warning against exaggerated ideas of its powers." } },
          "music.txt",
          "If the relations of pitched sounds were expressed so, the engine might compose pieces "
          "of any "
          "degree of complexity.\n" },
        { ADA,
          "Reading list",
          "De Morgan on the calculus; Somerville, Mechanism of the Heavens.",
          BOARD_TODO,
          { { NULL, "Return the De Morgan by the end of the month" } },
          { { NULL, NULL } },
          NULL,
          NULL } },
      { { ADA, "Note to self: letters to De Morgan go out on Mondays." } } },

    { "ws_home",
      "Home",
      { { ADA,
          "Winter at Ockham",
          "What has to be done before the first frost.",
          BOARD_TODO,
          { { NULL, "Have the chimney of the library swept" }, { ADA, "Order coal" } },
          { { NULL, NULL } },
          "coal.txt",
          "Two tons, best household, to the yard door.\n" },
        { ADA,
          "Harp lessons",
          "Tuesdays and Fridays at four.",
          BOARD_DOING,
          { { NULL, "New strings" } },
          { { NULL, NULL } },
          NULL,
          NULL } },
      { { ADA, "Guests on Saturday: six for dinner." } } },

    { "ws_compilers",
      "Compilers",
      { { GRACE,
          "A-0: link subroutines from tape",
          "Read a call number, fetch the subroutine from the library tape, relocate its addresses, "
          "write the "
          "program out.",
          BOARD_DONE,
          { { GRACE, "Call numbers" },
            { GRACE, "Relocation" },
            { GRACE, "Two-pass forward jumps" } },
          { { GRACE, "It runs. Nobody believes that a computer can write programs." } },
          NULL,
          NULL },
        { GRACE,
          "FLOW-MATIC: verbs for business data",
          "English words instead of symbols: INPUT, COMPARE, TRANSFER, WRITE-ITEM, CLOSE-OUT.",
          BOARD_DOING,
          { { GRACE, "Choose thirty verbs" },
            { NULL, "File description section" },
            { NULL, "Demonstrate it in French and German as well" } },
          { { HOWARD, "Who is going to read a program as if it were a letter?" },
            { GRACE, "The people who have to sign for what it does." } },
          "sample.flow",
          "(0) INPUT INVENTORY FILE-A PRICE FILE-B ; OUTPUT PRICED-INV FILE-C .\n"
          "(1) COMPARE PRODUCT-NO (A) WITH PRODUCT-NO (B) ; IF GREATER GO TO OPERATION 10 .\n" } },
      { { HOWARD, "Tape unit 3 eats leaders again." },
        { GRACE, "Use unit 5. And keep the leader: one foot of it is a nanosecond." } } },

    { "ws_navy",
      "Navy",
      { { GRACE,
          "Moth in relay 70, panel F",
          "Mark II stopped at 15:45 during the multi-adder test. First actual case of bug being "
          "found.",
          BOARD_DONE,
          { { GRACE, "Remove the moth" }, { GRACE, "Tape it into the log book" } },
          { { HOWARD, "Are you making any numbers?" } },
          "log.txt",
          "0800 started\n1100 started cosine tape (sine check)\n1525 started multi-adder test\n"
          "1545 relay 70 panel F (moth) in relay\n1700 closed down\n" },
        { GRACE,
          "Test suites for COBOL compilers",
          "One validation suite for every vendor, so that the fleet's programs move between "
          "machines.",
          BOARD_DOING,
          { { GRACE, "Collect the vendors' extensions" }, { NULL, "Certificates that expire" } },
          { { NULL, NULL } },
          NULL,
          NULL } },
      { { HOWARD, "Inspection on Friday at nine." },
        { GRACE, "The log book is ready, moth included." } } },
};

static istauth_time clock_of(int64_t step)
{
    return 1760000000 + step * 7200;
}

static bool seed_lines(board *b, board_list *list, const seed_line *lines, size_t count)
{
    for (size_t i = 0; i < count && lines[i].text; i++) {
        board_entry *e = board_entry_add(b, list, lines[i].author, "", lines[i].text);

        if (!e)
            return false;
        e->at = clock_of(e->id);
    }
    return true;
}

static bool seed_tasks(board *b, board_card *card, const seed_card *seed)
{
    for (size_t i = 0; i < 4 && seed->tasks[i].text; i++) {
        board_entry *e = board_entry_add(b, &card->tasks, seed->author, "", seed->tasks[i].text);

        if (!e)
            return false;
        e->at = clock_of(e->id);
        e->done = seed->tasks[i].author != NULL;
    }
    return true;
}

static bool seed_one_card(board *b, board_workspace *w, const seed_card *seed)
{
    board_card *card =
        board_card_add(b, w, seed->author, seed->title, seed->description, seed->column);
    board_entry *file;

    if (!card)
        return false;
    card->at = clock_of(card->id);
    if (!seed_tasks(b, card, seed) || !seed_lines(b, &card->comments, seed->comments, 3))
        return false;
    if (!seed->file_name)
        return true;
    file = board_entry_add(b, &card->attachments, seed->author, seed->file_name, seed->file_text);
    if (!file)
        return false;
    file->at = clock_of(file->id);
    return true;
}

bool board_seed(board *b)
{
    for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
        board_workspace *w = board_workspace_add(b, seeds[i].id, seeds[i].name);

        if (!w)
            return false;
        for (size_t k = 0; k < 4 && seeds[i].cards[k].title; k++)
            if (!seed_one_card(b, w, &seeds[i].cards[k]))
                return false;
        if (!seed_lines(b, &w->chat, seeds[i].chat, 4))
            return false;
    }
    return true;
}
