#!/bin/sh
# The whole story on real HTTP: a simulated org on 127.0.0.1, then validate, plan, apply, plan on desired/.
# Usage: demo.sh BIN_FOLDER (make demo does this)
set -eu

bin=$1
work=$(mktemp -d)
server=

stop() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM

field() { # NAME: a field of the line that the server printed
    "$bin/python" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$work/server.json" "$1"
}

show() { # COMMAND...: print it as a reader would type it, then run it
    printf '\n$ %s\n' "$*"
    PATH="$bin:$PATH" "$@"
}

echo "A fresh simulated org: SQLite in a temporary folder, served over HTTP on a free port of 127.0.0.1."
printf '\n$ sfrec simulate serve --port 0 --state org.db --access-log access.jsonl &\n'
"$bin/sfrec" simulate serve --port 0 --state "$work/org.db" --access-log "$work/access.jsonl" \
    >"$work/server.json" 2>"$work/server.log" &
server=$!
waited=0
until [ -s "$work/server.json" ]; do
    kill -0 "$server" 2>/dev/null || { cat "$work/server.log" >&2; exit 1; }
    [ "$waited" -lt 300 ] || { echo "the simulated org did not listen within 30 seconds" >&2; exit 1; }
    waited=$((waited + 1))
    sleep 0.1
done

SFREC_INSTANCE_URL=$(field instance_url)
SFREC_ACCESS_TOKEN=$(field access_token)
export SFREC_INSTANCE_URL SFREC_ACCESS_TOKEN
printf 'export SFREC_INSTANCE_URL=%s SFREC_ACCESS_TOKEN=...\n' "$SFREC_INSTANCE_URL"

show sfrec validate
show sfrec plan
show sfrec apply --yes
show sfrec plan --detailed-exitcode

printf '\nThe last plan finds nothing to do. The org answered %s requests, each a line of its access log.\n' \
    "$(wc -l <"$work/access.jsonl" | tr -d ' ')"
