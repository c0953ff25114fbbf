#!/usr/bin/env bash
# Writes Gpu/Ptx/X.ptx from each Gpu/Texts/X.cl with clang 19. --check: into a temporary folder, and compares bytes with what is checked in.
# --to FOLDER TEXT...: the PTX of other texts. --without-f64 FOLDER TEXT...: the same, as for a device without f64.
#
# A file is the body of a PTX module: no .version, .target and .address_size (the driver writes those that suit the device), no comments, .maxntid of each
# entry by its KERNEL(name, size). Its first line names the least architecture, sm_70 unless the text has a line of its own for that: /* ptx: sm_80 */.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export LC_ALL=C

flags=(-x cl -cl-std=CL1.2 -cl-no-stdinc -target nvptx64-nvidia-cuda -nogpulib -O2 -S -ffp-contract=off -cl-fp32-correctly-rounded-divide-sqrt)

# source_of FILE: the headers that its first line names, and theirs, each once; then FILE.
source_of() {
  local header
  for header in $(sed -nE '1s|^/\* uses: ([A-Za-z0-9_., ]+) \*/.*|\1|p' "$1" | tr ',' ' '); do
    case "$seen" in
      *" $header "*) ;;
      *) seen="$seen$header "; source_of "Texts/$header" ;;
    esac
  done
  cat "$1"
}

# compile FOLDER TEXT: FOLDER/X.ptx of TEXT.
compile() {
  local folder=$1 text=$2 name architecture seen=" device.h "
  name=$(basename "$text" .cl)
  architecture=$(sed -nE 's|^/\* ptx: (sm_[0-9]+) \*/$|\1|p' "$text")
  architecture=${architecture:-sm_70}
  { cat Texts/device.h; source_of "$text"; } > "$work/$name.cl"
  clang-19 "${flags[@]}" "-march=$architecture" "$work/$name.cl" -o "$work/$name.ptx"
  # clang drops reqd_work_group_size from the PTX; what it makes first, not optimised, still has it.
  clang-19 "${flags[@]}" "-march=$architecture" -O0 -emit-llvm "$work/$name.cl" -o "$work/$name.ll"
  awk -v architecture="$architecture" '
    FNR == NR {
      if (match($0, /^define .* @[A-Za-z0-9_]+\(/)) {
        entry = substr($0, RSTART, RLENGTH - 1)
        sub(/.*@/, "", entry)
        if (match($0, /!reqd_work_group_size ![0-9]+/)) {
          node = substr($0, RSTART + 22, RLENGTH - 22)
          sizes[entry] = node
        }
      }
      if (match($0, /^![0-9]+ = !{i32 [0-9]+, i32 1, i32 1}$/)) {
        split($0, words, /[ {,}]+/)
        number[words[1]] = words[5]
      }
      next
    }
    FNR == 1 { print "// " architecture }
    { sub(/[ \t]*\/\/.*$/, "") }
    /^[ \t]*$/ || /^\.(version|target|address_size) / { next }
    /^\.visible \.entry / {
      entry = $3
      sub(/\(.*/, "", entry)
      inside = 1
    }
    inside && /^\{/ {
      if (!(number[sizes[entry]] > 0)) {
        print FILENAME ": " entry " has no work-group size" > "/dev/stderr"
        exit 1
      }
      print ".maxntid " number[sizes[entry]] ", 1, 1"
      inside = 0
    }
    { print }
  ' "$work/$name.ll" "$work/$name.ptx" > "$folder/$name.ptx"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case "${1:-}" in
  "")
    mkdir -p Ptx
    rm -f Ptx/*.ptx
    for text in Texts/*.cl; do compile Ptx "$text"; done
    ;;
  --check)
    mkdir "$work/Ptx"
    for text in Texts/*.cl; do compile "$work/Ptx" "$text"; done
    diff -rq Ptx "$work/Ptx"
    ;;
  --to | --without-f64)
    [ "$1" = --to ] || flags+=(-DNO_F64 -Xclang -cl-ext=-cl_khr_fp64 -Werror)
    folder=$2
    shift 2
    for text in "$@"; do compile "$folder" "$text"; done
    ;;
  *)
    echo "usage: ptx.sh [--check | --to FOLDER TEXT... | --without-f64 FOLDER TEXT...]" >&2
    exit 64
    ;;
esac
