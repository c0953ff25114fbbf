#!/usr/bin/env bash
# Compares bits with ONNX Runtime. bench/oracle.sh [FILTER]; only a run of all rows writes bench/results. Exits 1 where a claim fails.
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
exec dotnet "$program" oracle "$@"
