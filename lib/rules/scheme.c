#include "rules/scheme_i.h"

#include "base/text_i.h"

/* A redirect hands a code to whoever answers the scheme. These answer by themselves: they run
 * a script, show a page of their own, open a file or another browser, start a call, or speak to a
 * host over a network. None of them is an app's own (RFC 8252 7.1). */
static const char *const refused[] = {
    /* run or show what the URI itself holds */
    "javascript", "jscript", "vbscript", "livescript", "mocha", "data", "about", "blob",
    "filesystem", "view-source", "viewsource", "wyciwyg", "cid", "mid", "mhtml", "urn",
    /* files and parts of the browser */
    "file", "local", "content", "resource", "res", "jar", "zip", "opera", "edge", "brave",
    "vivaldi", "firefox", "firefox-focus", "devtools", "extension", "isolated-app", "android-app",
    "android-resource", "app-settings", "prefs", "root", "settings", "shortcuts", "workflow",
    /* open another address in a browser or a store */
    "intent", "googlechrome", "googlechromes", "touch-http", "touch-https", "microsoft-edge",
    "opera-http", "opera-https", "market", "feed", "pcast", "shttp", "httpg",
    /* run a program or a search of the system */
    "shell", "search", "query", "help", "hcp", "mk", "afp", "osascript", "applescript",
    "powershell", "cmd", "ssh", "telnet", "rlogin", "tn3270", "rdp", "vnc", "steam",
    /* other protocols */
    "ws", "wss", "ftp", "ftps", "sftp", "tftp", "scp", "rsync", "gopher", "gophers", "dict",
    "finger", "wais", "prospero", "news", "snews", "nntp", "irc", "irc6", "ircs", "ldap", "ldaps",
    "ldapi", "smb", "cifs", "nfs", "dav", "davs", "webdav", "webdavs", "rtsp", "rtsps", "rtmp",
    "mms", "mmst", "imap", "imaps", "pop", "pops", "smtp", "ipp", "ipps", "git", "svn", "cvs",
    "magnet", "ed2k", "ipfs", "ipns", "netdoc", "jdbc",
    /* people, calls, money, keys */
    "mailto", "tel", "sms", "smsto", "mmsto", "callto", "facetime", "facetime-audio", "sip", "sips",
    "xmpp", "im", "geo", "maps", "webcal", "wtai", "fido", "otpauth", "otpauth-migration",
    "payto", "upi", "bitcoin", "lightning", "ethereum", "web3",
};

static const char *const refused_families[] = {
    "chrome", "moz-", "ms-", "microsoft-", "windowsdefender", "search-",
    "safari-", "x-safari-", "x-apple", "itms", "com-apple-",
};

bool istauth__scheme_is_dangerous(istauth_str scheme)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        if (istauth__equal_ignoring_case(scheme, istauth_str_of(refused[i])))
            return true;
    for (size_t i = 0; i < sizeof(refused_families) / sizeof(refused_families[0]); i++) {
        istauth_str family = istauth_str_of(refused_families[i]);

        if (scheme.n >= family.n &&
            istauth__equal_ignoring_case(istauth__slice(scheme, 0, family.n), family))
            return true;
    }
    return false;
}
