#!/usr/bin/env bash
# How large a spot check of one element is, op by op, on the open models. bench/ops.sh [FILTER]; only a run of all models writes bench/results.
# The open models come from $VC_OPEN_MODELS, or from models-open.tar.gz in $VC_TEST_DATA (default ../shared/data).
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
models_open
exec dotnet "$program" ops "$@"
