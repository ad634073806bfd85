# The three ways in which PowerDNS says that it was asked, in one log: pairs of client and name,
# counted as the other peers of formats.sh do.
function word(re, skip) { return match($0, re) ? substr($0, RSTART + skip, RLENGTH - skip) : "" }
function client(re, skip) { re = word(re, skip); sub(/:[0-9]*$/, "", re); return re }
/ wants / { n[word("Remote [^ <]*", 7) " " word("\047[^|]*", 1)]++ }
/question for/ { n[client("from [^ ]*", 5) " " word("\047[^|]*", 1)]++ }
/msg="Question"/ { n[client("remote=\"[^\"]*", 8) " " word("qname=\"[^\"]*", 7)]++ }
END { for (k in n) c++; print c }
