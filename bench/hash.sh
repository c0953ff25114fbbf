#!/usr/bin/env bash
# Times our hashing and the runtime's SHA-256 in turn; writes bench/results.
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
exec dotnet "$program" hash "$@"
