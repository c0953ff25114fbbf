using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>The definition of an op, range by range on the workers: for what has no kernel.</summary>
internal static class Definition
{
    // Elements that a definition reads that are worth another worker, and those it makes between two looks at the cancellation.
    private const long LeastElements = 256;
    private const long AtOnce = 4096;

    internal static void Run(KernelRun run)
    {
        NodeCall call = run.Present();
        TensorReader reader = new([.. call.Inputs.Select(input => input.ToTensor())], ReferenceBackend.OwnOutputs(call));
        ImmutableArray<TensorType> types = [.. call.Inputs.Select(input => input.Type)];
        foreach (int output in call.Node.Op.EvaluationOrder(call.Outputs.Length))
        {
            TensorType type = call.Node.Outputs[output];
            ImmutableArray<Footprint> element = call.Node.Op.Footprints(types.AsSpan(), output, Footprint.Element(type.Shape));
            long least = LeastElements / Math.Max(1, element.Max(footprint => footprint.Elements));
            void Ranges(long from, long count) => run.ForRanges(
                count, least, (start, end, _) => Range(run, call, reader, output, from + start, from + end));

            // Within a step no element reads another; what is not worth two workers goes in order on one.
            long step = call.Node.Op.StepElements(types.AsSpan(), output);
            if (step == 0)
            {
                Ranges(0, type.Elements);
            }
            else if (step <= least)
            {
                Range(run, call, reader, output, 0, type.Elements);
            }
            else
            {
                for (long from = 0; from < type.Elements; from += step)
                {
                    Ranges(from, Math.Min(step, type.Elements - from));
                }
            }
        }
    }

    private static void Range(KernelRun run, NodeCall call, TensorReader reader, int output, long start, long end)
    {
        for (long at = start; at < end; at += AtOnce)
        {
            run.ThrowIfCancelled();
            ReferenceBackend.EvaluateRange(call, reader, output, at, Math.Min(AtOnce, end - at));
        }
    }
}
