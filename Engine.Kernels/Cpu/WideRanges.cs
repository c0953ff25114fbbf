using System;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>The definition of an op of one output, in ranges as wide as its elements share work: each worker does that work once.</summary>
internal static class WideRanges
{
    private const long LeastElements = 4096;

    /// <summary>In rows: a range ends where a row does.</summary>
    /// <param name="run">The node.</param>
    /// <param name="row">Elements of a row.</param>
    internal static bool Rows(KernelRun run, long row)
    {
        long elements = run.Call.Node.Outputs[0].Elements;
        return elements == 0 || Run(run, row, elements / row, 1);
    }

    /// <summary>One range a worker.</summary>
    internal static bool Parts(KernelRun run)
    {
        long elements = run.Call.Node.Outputs[0].Elements;
        return Run(run, 1, elements, Math.Max(LeastElements, (elements / run.Workers) + 1));
    }

    private static bool Run(KernelRun run, long unit, long units, long least)
    {
        NodeCall call = run.Present();
        TensorReader reader = new([.. call.Inputs.Select(input => input.ToTensor())]);
        run.ForRanges(units, least, (start, end, _) =>
        {
            run.ThrowIfCancelled();
            ReferenceBackend.EvaluateRange(call, reader, 0, start * unit, (end - start) * unit);
        });
        return true;
    }
}
