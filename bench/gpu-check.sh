#!/usr/bin/env bash
# Everything that is to be known of a device, in less than eight minutes: bits, machine code, speeds beside the goals (docs/gpu.md).
# bench/gpu-check.sh [DEVICE] [SECTION…] [--quick] [--write]         here; DEVICE is cuda if nothing is said
# bench/gpu-check.sh pack FOLDER [--without-models]                  makes a folder that needs a C library and the driver, no .NET: 56 MiB
# bench/gpu-check.sh run FOLDER [DEVICE] [SECTION…] [--quick] [--write]   is FOLDER/run.sh; exits 0 where all bits are the definition's
# Results: bench/results/gpu/DEVICE.md and .jsonl, in the packed folder too. The open models are found as the other scripts find them.
set -euo pipefail

case "${1-}" in
run)
  folder=$2
  shift 2
  exec "$folder/run.sh" "$@"
  ;;
pack)
  mkdir -p "$2"
  folder=$(realpath "$2")
  ;;
*) folder= ;;
esac

peers=no
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
[ "${3-}" = --without-models ] || models_open
if [ -z "$folder" ]; then
  NVIDIA_TF32_OVERRIDE=0 exec dotnet "$program" gpu "$@"
fi

# The packed files lie as in the repository, whose mark goes with them, so that the program finds them.
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp VerifiableCompute.sln "$stage"
mkdir -p "$stage/docs" "$stage/Engine.Tests/Onnx" "$stage/artifacts" "$stage/program" "$stage/lib"
cp docs/op-vectors.tsv "$stage/docs"
cp Engine.Tests/Onnx/PinnedReceipts.tsv "$stage/Engine.Tests/Onnx"
built=$(dirname "$program")
cp "$built"/VerifiableCompute.*.dll "$built"/System.CommandLine.dll "$built"/Google.Protobuf.dll "$built"/*.runtimeconfig.json "$stage/program"

# Of .NET the host and the runtime, without what debuggers, XML, networks and other languages need.
root=$(dirname "$(readlink -f "$(command -v dotnet)")")
version=$(dotnet --list-runtimes | sed -n 's/^Microsoft.NETCore.App \(10[^ ]*\) .*/\1/p' | tail -1)
mkdir -p "$stage/dotnet/host" "$stage/dotnet/shared/Microsoft.NETCore.App"
cp "$root/dotnet" "$stage/dotnet"
mkdir -p "$stage/dotnet/host/fxr"
cp -r "$root/host/fxr/$version" "$stage/dotnet/host/fxr"
cp -r "$root/shared/Microsoft.NETCore.App/$version" "$stage/dotnet/shared/Microsoft.NETCore.App"
(
  cd "$stage/dotnet/shared/Microsoft.NETCore.App/$version"
  rm -f libmscordac* libmscordbi* libcoreclrtraceptprovider* libclrgc* createdump Microsoft.VisualBasic* Microsoft.DiaSymReader* \
    System.Private.Xml* System.Private.DataContract* System.Data.* System.Net.* System.Linq.Expressions.dll System.IO.Compression.Brotli.dll \
    libSystem.IO.Compression.Native.so libSystem.Net.Security.Native.so
)

# What the runtime takes from the system, for systems without it.
for name in libstdc++.so.6 libgcc_s.so.1 libssl.so.3 libcrypto.so.3; do
  path=$(ldconfig -p | sed -n "s/.*$name (.*x86-64.*) => //p" | head -1)
  [ -z "$path" ] || cp -L "$path" "$stage/lib"
done

# Of a model its file, what that names, and the first inputs.
if [ "${3-}" != --without-models ]; then
  models=${VC_OPEN_MODELS:-artifacts/models-open}
  mkdir "$stage/artifacts/models-open"
  (cd "$models" && find . -type f ! -path '*/test_data_set_[1-9]*' -print0 | tar -c --null -T -) | tar -x -C "$stage/artifacts/models-open"
fi

cat >"$folder/run.sh" <<RUN
#!/bin/sh
# run.sh [DEVICE] [SECTION…] [--quick] [--write]: see bench/gpu-check.sh of the repository.
set -eu
cd "\$(dirname "\$0")"
if [ ! -f unpacked ] || [ files.tar.gz -nt unpacked ]; then
  tar -xzf files.tar.gz
  touch unpacked
fi
PATH="\$PATH:/sbin:/usr/sbin"
for name in \$(ls lib); do
  ldconfig -p 2>/dev/null | grep -q "\$name" || missing="\${missing-}\$name "
done
if [ -n "\${missing-}" ]; then
  mkdir -p lib-used
  for name in \$missing; do ln -sf "../lib/\$name" lib-used; done
  export LD_LIBRARY_PATH="\${LD_LIBRARY_PATH:+\$LD_LIBRARY_PATH:}\$PWD/lib-used"
fi
export DOTNET_ROOT="\$PWD/dotnet" DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 NVIDIA_TF32_OVERRIDE=0 VC_COMMIT=$VC_COMMIT
export VC_OPEN_MODELS="\$PWD/artifacts/models-open"
exec dotnet/dotnet program/VerifiableCompute.Bench.dll gpu "\$@"
RUN
chmod +x "$folder/run.sh"
tar -c --owner=0 --group=0 -C "$stage" . | gzip -9 >"$folder/files.tar.gz"
du -sm "$folder" | sed 's/\t.*/ MiB packed/'
du -sm "$stage" | sed 's/\t.*/ MiB when unpacked/'
