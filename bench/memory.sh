#!/usr/bin/env bash
# Runs models in processes of their own and compares their memory with the goal; ends with 1 where one is above. bench/memory.sh [FILTER]; only a run
# of all writes bench/results. The decoder (2 GB) is generated into artifacts.
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
memory_hosts
models_open
exec dotnet "$program" memory "$@"
