#!/bin/sh
# Runs `headrace "$@"`. Exit status 78 means that a person must decide. A container that is to come back with Docker has
# a restart policy that starts whatever ends, so after 78 it does not end: said loudly, without an answer to its health
# check, it waits to be stopped.
asked= child=
trap 'asked=yes; kill -TERM "$child" 2>/dev/null' TERM INT
headrace "$@" &
child=$!
# asked before it was known whom to tell
[ -z "$asked" ] || kill -TERM "$child" 2>/dev/null
wait "$child"
status=$?
# a signal ends a wait before the part has ended
while kill -0 "$child" 2>/dev/null; do
    wait "$child"
    status=$?
done
if [ "$status" -eq 78 ]; then
    echo "headrace $*: exit status 78, a person must decide; it is not started again" >&2
    while [ -z "$asked" ]; do
        sleep 5 &
        child=$!
        wait "$child"
    done
fi
exit "$status"
