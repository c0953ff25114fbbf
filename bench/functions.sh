#!/usr/bin/env bash
# Elementary functions at their hardest arguments: the definition against its integer path, and both against MPFR (needs cc and libmpfr-dev).
# bench/functions.sh NAME...
# Kernel texts: all 2^32 results on the first OpenCL device against those of the CPU.
# bench/functions.sh gpu [NAME...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
dotnet build bench -c Release -v quiet -nologo
if [ "${1-}" = gpu ]; then
  exec dotnet artifacts/bin/bench/release/VerifiableCompute.Bench.dll functions "$@"
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cc -O2 -o "$folder/mpfr" bench/mpfr.c -lmpfr -lgmp
status=0
for name in "$@"; do
  dotnet artifacts/bin/bench/release/VerifiableCompute.Bench.dll functions "$name" "$folder" || status=1
  "$folder/mpfr" "$name" 32 <"$folder/$name.f32" || status=1
  "$folder/mpfr" "$name" 64 <"$folder/$name.f64" || status=1
done
exit "$status"
