# Shared by the tests of what is installed and packaged: what counts, and what says so.
passed=0 failed=0
check() { # TITLE COMMAND...
    title=$1
    shift
    if output=$("$@" 2>&1); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED %s\n%s\n' "$title" "$output"
    fi
}
count() { # TITLE: the last line, and the status
    echo "$1: $passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
version_of_headers() { sed -n 's/^.define ISTAUTH_VERSION "\(.*\)"/\1/p' include/istauth/version.h; }
