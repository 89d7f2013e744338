/* What pages load: the style sheet, the icon, and the one script. */
#ifndef ISTEAM_ASSETS_H
#define ISTEAM_ASSETS_H

#include <istauth.h>

/* Answer a request for one of them. False: it is for something else, and *response is untouched. */
bool assets_serve(istauth_response *response, const istauth_request *request, istauth_arena *arena);

#endif
