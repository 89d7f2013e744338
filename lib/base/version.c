#include <istauth/version.h>

const char *istauth_version(void)
{
    return ISTAUTH_VERSION;
}
