/* Between the files of the world only. */
#ifndef TEST_WORLD_I_H
#define TEST_WORLD_I_H

#include "support/world.h"

/* Parsed bodies are freed with the world. */
void world__keep_json(world *w, cJSON *json);
void world__keep_secret(world *w, const char *text);

#endif
