#!/usr/bin/env bash
# Ours beside OpenBLAS, ONNX Runtime and llama.cpp, in turn in one process: bench/compare.sh [SECTION…|report]; without a section all of them.
# Each writes bench/results/compare/SECTION.jsonl; bench/results/compare.md and the charts are made from all that are there.
# OpenBLAS comes from the system (on Debian it is installed where that may be done); without it its columns are missing.
# The open models come from $VC_OPEN_MODELS, or from models-open.tar.gz in $VC_TEST_DATA (default ../shared/data).
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
models_open
case " ${*:-resources} " in *" resources "*) memory_hosts ;; esac
if ! ldconfig -p | grep -q libopenblas.so.0 && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get install -y -qq libopenblas0-pthread >/dev/null 2>&1 || echo "no OpenBLAS" >&2
fi

exec dotnet "$program" compare "$@"
