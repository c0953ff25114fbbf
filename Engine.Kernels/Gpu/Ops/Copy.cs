using System.Collections.Generic;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>The elements of a view in row-major order.</summary>
internal static class Copy
{
    private const int Axes = Limits.Rank;
    private const int GroupSize = 256;

    internal static GpuOp Of(NodeCall call)
    {
        int size = call.Node.Outputs[0].DType.Size();
        return run => Run(run, run.Source(0), run.Operand(0).Map, size, run.Output(0), 0);
    }

    /// <summary>Copies every element of a map.</summary>
    /// <param name="run">The run.</param>
    /// <param name="from">What the map leads into.</param>
    /// <param name="map">The map.</param>
    /// <param name="size">Bytes of an element.</param>
    /// <param name="to">Where they go.</param>
    /// <param name="first">Number of the first element there.</param>
    internal static void Run(GpuRun run, GpuBuffer from, AffineView map, int size, GpuBuffer to, long first)
    {
        long count = map.Shape.Elements;
        if (map.IsContiguous)
        {
            run.Device.Copy(from, map.Offset * size, to, first * size, count * size);
            return;
        }

        List<(long Extent, long Stride)> axes = AffineCopy.Merge(map);
        axes.Reverse();
        GpuArgument[] arguments = new GpuArgument[5 + Axes - 1 + Axes];
        arguments[0] = from;
        arguments[1] = map.Offset;
        arguments[2] = to;
        arguments[3] = first;
        arguments[4] = (int)count;
        for (int axis = 0; axis < Axes; axis++)
        {
            (long extent, long stride) = axis < axes.Count ? axes[axis] : (1, 0);
            arguments[5 + Axes - 1 + Axes - 1 - axis] = stride;
            if (axis < Axes - 1)
            {
                arguments[5 + Axes - 2 - axis] = (int)extent;
            }
        }

        run.Launch("Copy", $"copy{8 * size}", new GpuGrid((count + GroupSize - 1) / GroupSize), arguments);
    }
}
