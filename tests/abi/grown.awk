# Says what of the first layout.txt a program was compiled with that the second no longer has. A struct
# that begins with its size may have grown at its end, an enum anywhere; nothing else may have changed.
# usage: awk -f grown.awk ACCEPTED OLD NEW (ACCEPTED: names that may change, one a line)

FNR == 1 { file++; owner = "" }
/^#|^$/ { next }
file == 1 { accepted[$1]; next }
/^(struct|enum) / { owner = $2; kind[owner] = $1; size[file, owner] = $3; members[file, owner] = 0; if (file == 2) owners[++count] = owner; next }
/^    / { line[file, owner, ++members[file, owner]] = $0; has[file, owner, $0]; next }
{ constant[file, $1] = $0; if (file == 2) constants[++constant_count] = $1 }

function complain(name, text) {
    if (!(name in accepted)) {
        print name ": " text
        failed = 1
    }
}

function check_struct(s,    i, sized) {
    sized = line[2, s, 1] ~ /^    0 size: /
    if (size[3, s] != size[2, s] && !sized)
        complain(s, "has " size[3, s] " bytes instead of " size[2, s])
    for (i = 1; i <= members[2, s]; i++)
        if (line[3, s, i] != line[2, s, i])
            complain(s, "has" (line[3, s, i] ? line[3, s, i] : " nothing") " where there was" line[2, s, i])
    if (!sized && members[3, s] > members[2, s])
        complain(s, "has grown, and has no size")
}

function check_enum(e,    i) {
    if (size[3, e] != size[2, e])
        complain(e, "has another size")
    for (i = 1; i <= members[2, e]; i++)
        if (!((3, e, line[2, e, i]) in has))
            complain(e, "no longer has" line[2, e, i])
}

END {
    for (i = 1; i <= count; i++) {
        if (!((3, owners[i]) in size))
            complain(owners[i], "is gone")
        else if (kind[owners[i]] == "struct")
            check_struct(owners[i])
        else
            check_enum(owners[i])
    }
    for (i = 1; i <= constant_count; i++)
        if (constant[2, constants[i]] != constant[3, constants[i]])
            complain(constants[i], "was " constant[2, constants[i]] ", is " (constant[3, constants[i]] ? constant[3, constants[i]] : "gone"))
    exit failed
}
