#!/usr/bin/env bash
# BenchmarkDotNet on single ops. bench/micro.sh [BenchmarkDotNet's options]
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
exec dotnet "$program" micro "$@"
