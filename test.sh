#!/usr/bin/env bash
# Restores, builds and runs every test; the kernels again at each SIMD level. --quick: the inner loop, default level, no slow tests, no devices.
# Ends with one line: N passed, N failed, N skipped. Exits 1 when something failed or nothing ran.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

quick=0
for argument in "$@"; do
  case "$argument" in
    --quick) quick=1 ;;
    *) echo "usage: ./test.sh [--quick]" >&2; exit 64 ;;
  esac
done

# Kernels for devices run on PoCL and Oclgrind; clang makes their PTX again. On Debian they are installed where that may be done; what is missing is
# skipped and named at the end, or fails with VC_REQUIRE_OPENCL=1.
missing=()
if [ "$quick" = 0 ]; then
  wanted=(pocl-opencl-icd ocl-icd-libopencl1 oclgrind clang-19)
  lacking() { for package in "${wanted[@]}"; do dpkg -s "$package" >/dev/null 2>&1 || echo "$package"; done; }
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] && [ -n "$(lacking)" ]; then
    { apt-get update -qq; apt-get install -y -qq --no-install-recommends "${wanted[@]}"; } >/dev/null 2>&1
  fi
  read -ra missing <<<"$(lacking | tr '\n' ' ')"
  if [ "${#missing[@]}" -gt 0 ] && [ "${VC_REQUIRE_OPENCL:-0}" = 1 ]; then
    echo "VC_REQUIRE_OPENCL=1, and there is no ${missing[*]}" >&2
    exit 1
  fi
fi

dotnet build VerifiableCompute.sln -c Release -v quiet -nologo || exit 1

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0

# run TITLE FILTER [ENVIRONMENT...]
run() {
  echo "== $1"
  local filter=$2
  shift 2
  env "$@" dotnet test Engine.Tests -c Release --no-build --nologo -v quiet \
    --logger "console;verbosity=normal" --filter "$filter" -- RunConfiguration.TreatNoTestsAsError=true 2>&1 \
    | grep -vE '^  (Passed|Standard Output) ' | tee -a "$log"
  [ "${PIPESTATUS[0]}" -eq 0 ] || status=1
}

if [ "$quick" = 1 ]; then
  run "quick" "TestCategory!=slow&TestCategory!=gpu"
else
  # The native library must run where it can be built and the processor has what it needs.
  native=0
  if [ "${VC_NATIVE:-1}" != 0 ] && { command -v cc || command -v gcc || command -v clang; } >/dev/null && grep -qs avx512_vnni /proc/cpuinfo; then
    native=1
  fi
  # The command line as machine code is compared with itself on the runtime, where there is a linker.
  machine=
  if command -v clang >/dev/null || command -v gcc >/dev/null; then
    machine="$PWD/artifacts/bin/Engine.Cli/native/vcompute"
    dotnet publish Engine.Cli -c Release -p:Native=true -v quiet -nologo || status=1
  else
    missing+=("clang or gcc")
  fi
  run "all, best SIMD level" "TestCategory!=none" VC_REQUIRE_NATIVE="$native" VC_NATIVE_CLI="$machine"
  run "kernels, no native library" "TestCategory=simd" VC_NATIVE=0
  run "kernels, no AVX-512" "TestCategory=simd" DOTNET_EnableAVX512=0 VC_EXPECT_SIMD=256
  run "kernels, no AVX2 and no FMA" "TestCategory=simd" DOTNET_EnableAVX2=0 VC_EXPECT_SIMD=1
  run "kernels, no intrinsics" "TestCategory=simd" DOTNET_EnableHWIntrinsic=0 VC_EXPECT_SIMD=1

  # Oclgrind watches races, bounds, uninitialised reads and the interface; it ends well whatever it found, so its log must be empty. Its check of
  # uninitialised reads does not know what an optimiser makes, it cannot run what always_inline makes without one, and it says less of its arithmetic
  # and of its local memory than there is.
  oclgrind=/usr/lib/oclgrind/liboclgrind-rt.so
  if [ -e "$oclgrind" ]; then
    findings=$(mktemp)
    trap 'rm -f "$log" "$findings"' EXIT
    run "device kernels under Oclgrind" "TestCategory=oclgrind" VC_OPENCL_LIB="$oclgrind" VC_EXPECT_DEVICE=Oclgrind VC_TRUST_FLOAT_CONFIG=1 \
      OCLGRIND_BUILD_OPTIONS="-cl-opt-disable -DINLINED=static" OCLGRIND_LOCAL_MEM_SIZE=49152 OCLGRIND_DATA_RACES=1 OCLGRIND_UNINITIALIZED=1 OCLGRIND_CHECK_API=1 OCLGRIND_UNIFORM_WRITES=1 \
      OCLGRIND_LOG="$findings"
    grep -a 'OCLGRIND FATAL' -A 4 "$log" >> "$findings"
    if [ -s "$findings" ]; then
      echo "Oclgrind found:" >&2
      head -c 4000 "$findings" >&2
      status=1
    fi
  fi
fi

[ "${#missing[@]}" = 0 ] || echo "skipped what needs ${missing[*]}"

# The names again, at the end, where they are looked for.
grep -aE '^  Failed ' "$log"
awk '
  /^ *(Passed|Failed|Skipped): +[0-9]+ *$/ { n[$1] += $2 }
  /^(Passed|Failed|Skipped)! +- Failed:/ {
    gsub(/,/, "")
    for (i = 1; i <= NF; i++) if ($i == "Failed:" || $i == "Passed:" || $i == "Skipped:") n[$i] += $(i + 1)
  }
  END {
    printf "%d passed, %d failed, %d skipped\n", n["Passed:"], n["Failed:"], n["Skipped:"]
    exit (n["Failed:"] > 0 || n["Passed:"] == 0)
  }' "$log" || status=1
exit "$status"
