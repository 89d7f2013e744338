/* The ops of a store, by name, in the order of istauth_store_ops. */
#ifndef CHECK_OPS_I_H
#define CHECK_OPS_I_H

/* clang-format off */
#define STORE_OPS(OP) \
    OP(client_put, CLIENT_PUT) \
    OP(client_get, CLIENT_GET) \
    OP(client_update, CLIENT_UPDATE) \
    OP(client_delete, CLIENT_DELETE) \
    OP(client_list, CLIENT_LIST) \
    OP(code_put, CODE_PUT) \
    OP(code_get, CODE_GET) \
    OP(code_redeem, CODE_REDEEM) \
    OP(token_get, TOKEN_GET) \
    OP(refresh_rotate, REFRESH_ROTATE) \
    OP(retry_get, RETRY_GET) \
    OP(token_revoke, TOKEN_REVOKE) \
    OP(grant_revoke, GRANT_REVOKE) \
    OP(grant_touch, GRANT_TOUCH) \
    OP(grant_list, GRANT_LIST) \
    OP(app_list, APP_LIST) \
    OP(app_disconnect, APP_DISCONNECT) \
    OP(subject_revoke, SUBJECT_REVOKE) \
    OP(workspace_remove, WORKSPACE_REMOVE) \
    OP(personal_put, PERSONAL_PUT) \
    OP(personal_list, PERSONAL_LIST) \
    OP(personal_revoke, PERSONAL_REVOKE) \
    OP(machine_put, MACHINE_PUT) \
    OP(nonce_claim, NONCE_CLAIM) \
    OP(purge, PURGE)
/* clang-format on */

#endif
