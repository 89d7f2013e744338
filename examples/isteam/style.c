#include "style.h"

/* One accent, two colour schemes; every pair of text and ground has a contrast of 4.5 or more. */
static const char colours[] =
    ":root{color-scheme:light dark;--ground:#f5f6f4;--surface:#fff;--raised:#f8faf9;"
    "--text:#17211f;--muted:#56625f;--line:#dfe4e2;--edge:#84918d;--accent:#0d6b63;"
    "--fill:#0d6b63;--fill-hover:#095750;--on-fill:#fff;--tint:#e4f1ef;--danger:#b3261e;"
    "--danger-fill:#b3261e;--danger-hover:#8f1d17;--danger-tint:#fdecea;--warn:#6b4700;"
    "--warn-tint:#fdf3dc;--shadow:0 1px 2px rgba(16,32,28,.06),0 8px 28px rgba(16,32,28,.07)}\n"
    "@media (prefers-color-scheme:dark){:root{--ground:#0f1413;--surface:#171e1c;"
    "--raised:#1c2422;--text:#e8eeec;--muted:#a3b0ac;--line:#2b3533;--edge:#74827e;"
    "--accent:#6fd3c7;--fill:#13756c;--fill-hover:#167d73;--on-fill:#fff;--tint:#16322f;"
    "--danger:#ff9d94;--danger-fill:#b3352c;--danger-hover:#c4453b;--danger-tint:#3a1b19;"
    "--warn:#f3cd82;--warn-tint:#33280f;--shadow:0 1px 2px rgba(0,0,0,.4)}}\n";

static const char groundwork[] =
    "*,*::before,*::after{box-sizing:border-box}\n"
    "html{-webkit-text-size-adjust:100%}\n[hidden]{display:none!important}\n"
    "body{margin:0;min-height:100vh;background:var(--ground);color:var(--text);"
    "font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,"
    "\"Noto Sans\",sans-serif;overflow-wrap:anywhere}\n"
    "h1{margin:0;font-size:1.5rem;line-height:1.25;font-weight:650;letter-spacing:-.012em;"
    "text-wrap:balance}\n"
    "h2{margin:0 0 .5rem;font-size:1rem;line-height:1.4;font-weight:600}\n"
    "p{margin:0;text-wrap:pretty}\nfieldset{min-width:0;margin:0;padding:0;border:0}\n"
    "legend{padding:0;margin:0 0 .5rem;font-weight:600}\n"
    "a{color:var(--accent);text-underline-offset:.18em}\n"
    ":focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:6px}\n"
    "code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,\"Liberation Mono\","
    "monospace;font-size:.875em}\n"
    "pre{margin:0;padding:.9rem 1rem;overflow-x:auto;border:1px solid var(--line);"
    "border-radius:10px;background:var(--raised);line-height:1.6}\npre code{font-size:inherit}\n"
    ".icon{flex:none;fill:none;stroke:currentColor;stroke-width:1.6;stroke-linecap:round;"
    "stroke-linejoin:round}\n"
    ".mark{flex:none;fill:none;stroke:#fff;stroke-width:3;stroke-linecap:round;"
    "stroke-linejoin:round}\n.mark rect{fill:var(--fill);stroke:none}\n"
    ".unseen{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;"
    "clip-path:inset(50%);white-space:nowrap}\n";

static const char frames[] =
    ".narrow{width:min(100%,30rem);margin:0 auto;padding:clamp(1.25rem,6vh,4rem) 1rem 3rem}\n"
    ".narrow>.brand{justify-content:center;margin-bottom:1.25rem}\n"
    ".brand{display:flex;align-items:center;gap:.6rem;color:var(--text);font-weight:650;"
    "font-size:1.0625rem;letter-spacing:-.01em;text-decoration:none}\n"
    ".brand .mark{width:28px;height:28px}\n"
    ".card{padding:clamp(1.25rem,5vw,2.25rem);border:1px solid var(--line);border-radius:18px;"
    "background:var(--surface);box-shadow:var(--shadow)}\n"
    ".card form,.card section{margin-top:1.5rem}\n.card form section{margin-top:0}\n"
    ".card form,.panel form{display:grid;gap:1.35rem}\n"
    ".lead{margin-top:.5rem;color:var(--muted)}\n.lead strong{color:var(--text)}\n"
    ".after{margin-top:1.5rem}\n"
    ".footnote{margin-top:1.25rem;color:var(--muted);font-size:.875rem}\n"
    "form .footnote{margin-top:-.25rem;text-align:center}\n"
    ".bar{border-bottom:1px solid var(--line);background:var(--surface)}\n"
    ".bar-inner{display:flex;align-items:center;justify-content:space-between;gap:1rem;"
    "width:min(100%,68rem);margin:0 auto;padding:.75rem 1.25rem}\n"
    ".who{display:flex;align-items:center;gap:.6rem}\n.who-name{font-weight:550}\n"
    ".wide{width:min(100%,68rem);margin:0 auto;padding:2.25rem 1.25rem 4rem}\n"
    ".wide>h1{font-size:1.75rem}\n.intro{margin:1.5rem 0 1rem;color:var(--muted);"
    "max-width:42rem}\n"
    ".tabs{display:flex;gap:1.75rem;margin-top:1.25rem;border-bottom:1px solid var(--line)}\n"
    ".tabs a{padding:.65rem .1rem;margin-bottom:-1px;border-bottom:2px solid transparent;"
    "color:var(--muted);font-weight:550;text-decoration:none}\n"
    ".tabs a:hover{color:var(--text)}\n"
    ".tabs a[aria-current]{border-color:var(--accent);color:var(--text)}\n"
    ".panel{margin-top:1rem;border:1px solid var(--line);border-radius:14px;"
    "background:var(--surface);box-shadow:var(--shadow)}\n"
    ".panel.form,.panel.empty{padding:clamp(1.25rem,3vw,2rem)}\n"
    ".panel.form{margin-top:2rem}\n.panel.form>h2{font-size:1.125rem;margin-bottom:1.25rem}\n"
    ".panel.form pre{margin-bottom:.25rem}\n"
    ".panel.form .unseen+h2{margin:2rem 0 .25rem}\n.panel.form .hint+pre{margin-top:.75rem}\n"
    ".panel.form>.notice+.field{margin-top:1.25rem}\n"
    ".empty{text-align:center}\n.empty p{max-width:34rem;margin:.25rem auto 0;"
    "color:var(--muted)}\n.empty p+p{margin-top:1rem}\n"
    ".steps{margin:1.5rem 0 0;padding-left:1.25rem;display:grid;gap:.75rem}\n"
    ".steps .copyable{margin-top:.4rem}\n";

static const char controls[] =
    "input,select,button{font:inherit;color:inherit}\n"
    ".field{display:grid;gap:.35rem}\n.field>span{font-weight:550}\n"
    ".field input,.field select,.copyable{width:100%;min-height:2.75rem;padding:.55rem .8rem;"
    "border:1px solid var(--edge);border-radius:10px;background:var(--surface);"
    "color:var(--text)}\n"
    ".field input::placeholder{color:var(--muted);opacity:1}\n"
    ".field input[aria-invalid]{border-color:var(--danger)}\n"
    ".copyable{background:var(--raised);border-color:var(--line);font-family:ui-monospace,"
    "SFMono-Regular,Menlo,Consolas,\"Liberation Mono\",monospace;font-size:.875rem}\n"
    "button,.button{display:inline-flex;align-items:center;justify-content:center;"
    "min-height:2.75rem;padding:.5rem 1.15rem;border:1px solid var(--edge);border-radius:10px;"
    "background:var(--surface);color:var(--text);font-weight:600;line-height:1.3;"
    "text-decoration:none;cursor:pointer}\n"
    "button:hover,.button:hover{background:var(--raised);border-color:var(--muted)}\n"
    ".primary,.primary:hover{border-color:transparent;background:var(--fill);"
    "color:var(--on-fill)}\n.primary:hover{background:var(--fill-hover)}\n"
    ".danger,.danger:hover{border-color:transparent;background:var(--danger-fill);color:#fff}\n"
    ".danger:hover{background:var(--danger-hover)}\n"
    ".quiet,.quiet:hover{min-height:2.25rem;padding:.25rem .6rem;border-color:transparent;"
    "background:none;color:var(--muted);font-weight:550}\n.quiet:hover{color:var(--text);"
    "background:var(--raised)}\n"
    ".link,.link:hover{min-height:1.75rem;padding:0;border:0;background:none;"
    "color:var(--accent);font-size:.875rem;font-weight:550;text-decoration:underline;"
    "text-underline-offset:.18em}\n"
    ".wide-button{width:100%}\n.panel form>button{justify-self:start}\n"
    ".buttons{display:flex;gap:.75rem}\n"
    ".buttons>*{flex:1 1 0}\n"
    ".two{display:grid;gap:1.5rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),"
    "1fr));align-items:start}\n"
    ".copy{display:flex;gap:.6rem;margin:.35rem 0 .5rem}\n.copy .copyable{flex:1}\n";

static const char pieces[] =
    ".avatar{display:inline-grid;place-items:center;flex:none;width:2.5rem;height:2.5rem;"
    "border-radius:50%;background:var(--tint);color:var(--accent);font-weight:650;"
    "text-transform:uppercase}\n.avatar.small{width:2rem;height:2rem;font-size:.875rem}\n"
    ".avatar.app{border-radius:28%}\n"
    ".pair{display:flex;align-items:center;gap:.75rem;margin-bottom:1.25rem;"
    "color:var(--muted)}\n.pair .avatar,.pair .mark{width:3rem;height:3rem;font-size:1.25rem}\n"
    ".card form.account{display:flex;align-items:flex-start;gap:.75rem;padding:.75rem .9rem;"
    "border:1px solid var(--line);border-radius:12px;background:var(--raised)}\n"
    ".account-text{display:grid;justify-items:start;line-height:1.35}\n"
    ".account-text span{color:var(--muted);font-size:.875rem}\n"
    ".account strong{font-weight:600}\n"
    "fieldset>.notice{margin-bottom:.5rem}\n"
    ".options{display:grid;gap:.5rem}\n"
    ".option{display:flex;gap:.75rem;padding:.7rem .9rem;border:1px solid var(--line);"
    "border-radius:12px;cursor:pointer}\n"
    ".option:hover{border-color:var(--edge)}\n"
    ".option:has(:checked){border-color:var(--accent);background:var(--tint)}\n"
    ".option:has(:focus-visible){outline:2px solid var(--accent);outline-offset:2px}\n"
    ".option input{flex:none;width:1.125rem;height:1.125rem;margin:.2rem 0 0;"
    "accent-color:var(--accent);cursor:inherit}\n.option input:focus-visible{outline:0}\n"
    ".option:has(:disabled){background:var(--raised);cursor:not-allowed}\n"
    ".option:has(:disabled):hover{border-color:var(--line)}\n"
    ".option:has(:disabled) .option-name{color:var(--muted)}\n"
    ".option-text{display:grid;gap:.1rem;flex:1}\n"
    ".option-name{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem .5rem;"
    "font-weight:550}\n"
    ".hint{display:block;color:var(--muted);font-size:.875rem;font-weight:400}\n"
    ".plan{padding:.05rem .5rem;border:1px solid var(--line);border-radius:99px;"
    "background:var(--surface);color:var(--muted);font-size:.75rem;font-weight:600;"
    "line-height:1.4}\n.plan-Pro,.plan-Max{border-color:transparent;background:var(--tint);"
    "color:var(--accent)}\n.plan-Max{background:var(--fill);color:var(--on-fill)}\n"
    ".option:has(:checked) .plan-Pro{background:var(--surface)}\n"
    ".grants{margin:0;padding:0;display:grid;gap:.5rem;list-style:none}\n"
    ".grants li{display:flex;gap:.6rem}\n.grants .icon{margin-top:.15rem;color:var(--accent)}\n"
    ".value{display:flex;align-items:center;gap:.5rem;min-height:2rem;color:var(--muted);"
    "overflow-wrap:anywhere}\n.value img{flex:none;border-radius:50%}\n"
    ".notice{display:flex;gap:.65rem;padding:.75rem .9rem;border-radius:12px;"
    "font-size:.9375rem;background:var(--warn-tint);color:var(--warn)}\n"
    ".notice .icon{margin-top:.1rem}\n.notice.error{background:var(--danger-tint);"
    "color:var(--danger)}\n.notice.success{background:var(--tint);color:var(--accent)}\n"
    ".wide>.notice{margin-top:1.25rem}\n.target{color:var(--muted);text-align:center}\n"
    ".target strong{color:var(--text)}\n";

static const char tables[] =
    "table{width:100%;border-collapse:collapse}\n"
    "th,td{padding:.8rem .9rem;text-align:left;vertical-align:middle}\n"
    "th:first-child,td:first-child{padding-left:1.25rem}\n"
    "th{color:var(--muted);font-size:.8125rem;font-weight:550;white-space:nowrap}\n"
    "td{border-top:1px solid var(--line);font-size:.9375rem}\n"
    "td strong{font-weight:600}\n.named{display:flex;align-items:center;gap:.75rem}\n"
    ".scopes{display:inline-flex;flex-wrap:wrap;gap:.25rem}\n"
    ".scope{padding:.1rem .4rem;border-radius:6px;background:var(--raised);"
    "border:1px solid var(--line);font-size:.8125rem;white-space:nowrap}\n"
    ".action{width:1%;text-align:right}\n"
    ".trash{display:inline-grid;place-items:center;width:2.5rem;height:2.5rem;"
    "border-radius:10px;color:var(--muted)}\n"
    ".trash:hover{background:var(--danger-tint);color:var(--danger)}\n"
    "time{white-space:nowrap}\n"
    "@media (max-width:760px){thead{position:absolute;width:1px;height:1px;overflow:hidden;"
    "clip-path:inset(50%)}\n"
    "table,tbody{display:block}\n"
    "tr{display:grid;grid-template-columns:minmax(0,1fr) auto;position:relative;"
    "padding:.9rem 1.1rem;gap:.35rem 1rem}\ntr+tr{border-top:1px solid var(--line)}\n"
    "td,td:first-child{padding:0;border:0;display:flex;justify-content:space-between;"
    "gap:1rem;text-align:right;grid-column:1/-1}\n"
    "td[data-label]::before{content:attr(data-label);flex:none;color:var(--muted);"
    "font-weight:550}\n"
    "td.title{grid-column:1;grid-row:1;align-items:center;text-align:left;"
    "min-height:2.5rem;margin-bottom:.25rem}\n"
    "td.action{grid-column:2;grid-row:1;width:auto}\n"
    ".scopes{justify-content:flex-end}}\n"
    "@media (max-width:480px){.who-name{display:none}\n.wide{padding-top:1.5rem}\n"
    ".wide>h1{font-size:1.5rem}\n.tabs{gap:1.1rem;font-size:.875rem}\n"
    ".copy,.buttons{flex-direction:column}\n.buttons>*{flex:none}}\n"
    "@media (forced-colors:active){.option:has(:checked){outline:2px solid}}\n";

/* In parts, because C promises no longer literals than 4095 bytes. */
static const istauth_str parts[] = {
    ISTAUTH_STR_INIT(colours),  ISTAUTH_STR_INIT(groundwork), ISTAUTH_STR_INIT(frames),
    ISTAUTH_STR_INIT(controls), ISTAUTH_STR_INIT(pieces),     ISTAUTH_STR_INIT(tables),
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))
#define SHEET_SIZE                                                                               \
    (sizeof(colours) + sizeof(groundwork) + sizeof(frames) + sizeof(controls) + sizeof(pieces) + \
     sizeof(tables))

istauth_str style_sheet(istauth_arena *arena)
{
    char *p = istauth_arena_alloc(arena, SHEET_SIZE);
    istauth_str sheet = { p, 0 };

    if (!p)
        return ISTAUTH_STR("");
    for (size_t i = 0; i < PARTS; i++) {
        memcpy(p + sheet.n, parts[i].p, parts[i].n);
        sheet.n += parts[i].n;
    }
    p[sheet.n] = '\0';
    return sheet;
}
