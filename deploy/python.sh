#!/usr/bin/env bash
# Prints a Python 3.11 or 3.12 that can build a virtual environment, or says what is missing.
set -u
for name in ${PYTHON:+"$PYTHON"} python3 python3.12 python3.11 python; do
  path=$(command -v "$name" 2>/dev/null) || continue
  if "$path" - 2>/dev/null <<'PY'
import sys, venv, ensurepip
sys.exit(not (3, 11) <= sys.version_info < (3, 13))
PY
  then echo "$path"; exit 0; fi
done
echo "headrace: needs Python 3.11 or 3.12 with the venv and ensurepip modules (Debian: python3-venv); found none on PATH" >&2
exit 1
