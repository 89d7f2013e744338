/* A store that works until it is told not to: wraps any store, counts calls, and answers a chosen
 * status instead of the nth one, before or after the real op ran. For one thread. */
#ifndef FAULT_STORE_H
#define FAULT_STORE_H

#include <istauth/store.h>

typedef enum fault_op {
    FAULT_CLIENT_PUT,
    FAULT_CLIENT_GET,
    FAULT_CLIENT_UPDATE,
    FAULT_CLIENT_DELETE,
    FAULT_CODE_PUT,
    FAULT_CODE_GET,
    FAULT_CODE_REDEEM,
    FAULT_TOKEN_GET,
    FAULT_REFRESH_ROTATE,
    FAULT_RETRY_GET,
    FAULT_TOKEN_REVOKE,
    FAULT_GRANT_REVOKE,
    FAULT_GRANT_TOUCH,
    FAULT_APP_LIST,
    FAULT_APP_DISCONNECT,
    FAULT_SUBJECT_REVOKE,
    FAULT_WORKSPACE_REMOVE,
    FAULT_PERSONAL_PUT,
    FAULT_PERSONAL_LIST,
    FAULT_PERSONAL_REVOKE,
    FAULT_MACHINE_PUT,
    FAULT_NONCE_CLAIM,
    FAULT_PURGE,
    FAULT_ANY /* every op counts */
} fault_op;

enum { /* how */
    FAULT_ONCE = 0,
    FAULT_FOREVER = 1 << 0,
    FAULT_AFTER = 1 << 1 /* the real op runs, but nobody learns: "commit unknown" */
};

typedef struct fault_store {
    istauth_store real;
    size_t calls[FAULT_ANY + 1]; /* by op; at FAULT_ANY all of them */
    fault_op op;
    size_t nth; /* from 1, counted since fault_store_plan; 0: none */
    unsigned how;
    istauth_status status;
    size_t faults; /* answers that were the chosen status */
} fault_store;

/* Wrap `real`, which f borrows, without a fault. */
istauth_store fault_store_wrap(fault_store *f, istauth_store real);

/* Count from 0 again; the nth call of `op` answers `status`. */
void fault_store_plan(fault_store *f, fault_op op, size_t nth, istauth_status status, unsigned how);

#endif
