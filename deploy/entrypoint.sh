#!/bin/sh
# Runs `headrace "$@"`. Exit status 78 means that a person must decide; a container's restart policy knows only zero
# and not zero, so 78 leaves as zero, said loudly: with `restart: on-failure` the part then stays down.
headrace "$@" &
part=$!
trap 'kill -TERM "$part" 2>/dev/null' TERM INT
wait "$part"
status=$?
# a signal ends a wait before the part has ended
while kill -0 "$part" 2>/dev/null; do
    wait "$part"
    status=$?
done
if [ "$status" -eq 78 ]; then
    echo "headrace $*: exit status 78, a person must decide; it is not started again" >&2
    exit 0
fi
exit "$status"
