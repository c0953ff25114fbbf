#!/usr/bin/env bash
# Generated decoders of 10^6 to 10^9 parameters and texts of 16 to 2,048 tokens: time, memory, trace, proof. bench/scale.sh [MILLIONS]; with a number
# only models of up to so many million parameters, and only a run of all writes bench/results (10 GB of disk under artifacts, 12 GB of memory).
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
exec dotnet "$program" scale "$@"
