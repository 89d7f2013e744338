# The public structs and enums of `readelf --debug-dump=info`: a struct with its size, its
# members with offset and type; an enum's names with their values. Typedefs are followed to what they
# stand for.

/DW_TAG_/ {
    entry = $1
    sub(/.*></, "", entry)
    sub(/>.*/, "", entry)
    depth = substr($1, 2) + 0
    order[++entries] = entry
    above[depth] = entry
    parent[entry] = above[depth - 1]
    tag[entry] = $0
    sub(/.*DW_TAG_/, "", tag[entry])
    sub(/\).*/, "", tag[entry])
    if (tag[entry] == "formal_parameter")
        parameters[parent[entry]] = parameters[parent[entry]] " " entry
    if (tag[entry] == "subrange_type")
        range[parent[entry]] = entry
}
/DW_AT_name/ { name[entry] = $0; sub(/.*: /, "", name[entry]); sub(/[ \t]+$/, "", name[entry]) }
/DW_AT_type/ { type[entry] = $NF; gsub(/[<>]|0x/, "", type[entry]) }
/DW_AT_byte_size/ { size[entry] = $NF }
/DW_AT_data_member_location/ { offset[entry] = $NF }
/DW_AT_const_value/ { value[entry] = $NF }
/DW_AT_upper_bound/ { count[entry] = $NF + 1 }

function arguments(of,    each, n, i, text) {
    n = split(parameters[of], each, " ")
    for (i = 1; i <= n; i++)
        text = text (i > 1 ? ", " : "") spelled(type[each[i]])
    return "(" text ")"
}

function spelled(of) {
    if (of == "")
        return "void"
    if (tag[of] == "typedef")
        return tag[type[of]] ~ /structure|union|enumeration/ ? name[of] : spelled(type[of])
    if (tag[of] == "pointer_type")
        return spelled(type[of]) "*"
    if (tag[of] == "const_type")
        return "const " spelled(type[of])
    if (tag[of] == "array_type")
        return spelled(type[of]) "[" count[range[of]] "]"
    if (tag[of] == "subroutine_type")
        return spelled(type[of]) arguments(of)
    return name[of]
}

END {
    for (i = 1; i <= entries; i++) {
        e = order[i]
        up = parent[e]
        if (tag[e] ~ /^(structure|union)_type/ && name[e] ~ /^istauth_/ && size[e] != "")
            print "struct " name[e] " " size[e]
        else if (tag[e] == "enumeration_type" && name[e] ~ /^istauth_/)
            print "enum " name[e] " " size[e]
        else if (tag[e] == "member" && name[up] ~ /^istauth_/)
            print "    " offset[e] " " name[e] ": " spelled(type[e])
        else if (tag[e] == "enumerator" && name[e] ~ /^ISTAUTH_/)
            print "    " name[e] " " value[e]
    }
}
