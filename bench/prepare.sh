#!/usr/bin/env bash
# Sourced by the other scripts: installs the peers (not where peers=no), builds, and clears what would change how they compute.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
for name in $(compgen -e OPENBLAS_ || true) $(compgen -e OMP_ || true); do
  unset "$name"
done

if [ "${peers:-yes}" = yes ] && ! cmp -s bench/peers/package-lock.json bench/peers/node_modules/.installed; then
  (cd bench/peers && npm ci --ignore-scripts)
  cp bench/peers/package-lock.json bench/peers/node_modules/.installed
fi

VC_COMMIT=$(git rev-parse --short=12 HEAD)
[ -z "$(git status --porcelain -- ':!bench/results')" ] || VC_COMMIT="$VC_COMMIT+"
export VC_COMMIT
dotnet build bench -c Release -v quiet -nologo
program=artifacts/bin/bench/release/VerifiableCompute.Bench.dll

# Unpacks the open models, where nobody says that they are elsewhere.
models_open() {
  if [ -z "${VC_OPEN_MODELS:-}" ] && [ ! -d artifacts/models-open ]; then
    tar -xzf "${VC_TEST_DATA:-../shared/data}/models-open.tar.gz" -C artifacts
  fi
}

# Builds what memory is measured in, on the runtime and as machine code (that needs clang or gcc).
memory_hosts() {
  dotnet build bench/host -c Release -v quiet -nologo
  dotnet publish bench/host -c Release -p:Native=true -v quiet -nologo
}
