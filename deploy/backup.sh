#!/bin/sh
# Backs up a home folder of coi-graph while it is in use: backup.sh FOLDER → FOLDER/coi-graph-DATE.tar.gz
#
# The ledger first, as SQLite's own copy; then the releases, which never change; then what
# `coi-graph load` took in. In that order a restored ledger never speaks of a release that is not
# there, nor a release of data that are not. A ledger in PostgreSQL is not in it: back it up with
# pg_dump, before this.
set -eu

folder=$(cd "$1" && pwd)
home=$(cd "${COI_HOME:-var}" && pwd)
keep=${COI_BACKUPS:-14} # how many are kept
umask 077

work=$(mktemp -d "$folder/.coi-graph-XXXXXX")
trap 'rm -rf "$work"' EXIT

if [ -f "$home/ledger.sqlite" ]; then
    python3 - "$home/ledger.sqlite" "$work/ledger.sqlite" <<'END'
import sqlite3
import sys

source, target = (sqlite3.connect(path) for path in sys.argv[1:])
source.backup(target)
found = target.execute("PRAGMA integrity_check").fetchone()[0]
target.execute("PRAGMA journal_mode = DELETE")
sys.exit(None if found == "ok" else f"the ledger is damaged: {found}")
END
fi

# What begins with a point there is being made. A release that is pruned meanwhile is no error (1).
name="coi-graph-$(date -u +%Y%m%dT%H%M%SZ).tar"
set -- -C "$home" releases
for part in loads follow.json coi-graph.toml; do
    [ ! -e "$home/$part" ] || set -- "$@" "$part"
done
[ -f "$work/ledger.sqlite" ] && set -- "$@" -C "$work" ledger.sqlite
# A bulk load that is replaced takes its file with it, perhaps before its turn came: again, then.
index() { cksum < "$home/loads/index.json" 2> /dev/null || true; }
for attempt in 1 2 3 4 5; do
    before=$(index)
    status=0
    tar --create --file "$work/$name" --anchored \
        --exclude='releases/.*' --exclude='loads/.*' "$@" || status=$?
    [ "$status" -le 1 ]
    [ "$before" != "$(index)" ] || break
    [ "$attempt" -lt 5 ] || { echo "bulk loads were replaced all the time: try later" >&2; exit 1; }
done
gzip -1 "$work/$name"
mv "$work/$name.gz" "$folder/"

# The oldest go.
ls -1 "$folder"/coi-graph-*.tar.gz | sort -r | tail -n +"$((keep + 1))" | xargs -r rm --
echo "$folder/$name.gz"
