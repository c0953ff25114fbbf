#!/usr/bin/env bash
# Damages the open models and small models with bodies in COUNT ways: bench/fuzz.sh [COUNT=100000] [SEED=1]. Each mutant loads and makes a graph,
# or is refused with a message, within bounds of time and memory. The last line but those of the test runner is the summary; exits 1 on any failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
export VC_FUZZ_COUNT=${1:-100000} VC_FUZZ_SEED=${2:-1}
dotnet build Engine.Tests -c Release -v quiet -nologo
exec dotnet test Engine.Tests -c Release --no-build --nologo -v quiet --logger "console;verbosity=normal" \
  --filter "FullyQualifiedName~Onnx.HostileTests.Many_mutants"
