/* A store's run of the conformance kit. */
#ifndef STORE_CONTRACT_H
#define STORE_CONTRACT_H

#include <istauth/store_check.h>

/* Run the kit as CHECK_ROUNDS, CHECK_THREADS, CHECK_FLOOD and CHECK_ONLY say: what main returns. */
int store_check(const istauth_store_fixture *fixture);

#endif
