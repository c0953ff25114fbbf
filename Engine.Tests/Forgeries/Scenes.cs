using System.Collections.Immutable;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Lowering;
using VerifiableCompute.Engine.Tests.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries;

/// <summary>Honest runs that forgeries start from.</summary>
internal static class Scenes
{
    /// <summary>A block of a decoder under all policies and both suites, and a graph of rare things.</summary>
    internal static ImmutableArray<Scene> All { get; } =
    [
        Scene.Make(), Scene.Make(Policy.Atomic, Suite.Blake3, samples: 40), Odd(Suite.Sha256), Odd(Suite.Blake3), Scene.Make(Policy.Compact2, samples: 20),
    ];

    /// <summary>An honest run of a random graph, none of whose checks is large.</summary>
    internal static Scene Random(int seed, int nodes = 10, IBackendOf? backend = null)
    {
        (Graph graph, ImmutableArray<Tensor> inputs) = RandomGraphs.Make(seed, nodes);
        Policy policy = (Policy)(1 + (seed % 3));
        Suite suite = seed % 4 < 2 ? Suite.Sha256 : Suite.Blake3;
        LoweredGraph lowered = Lowerer.Lower(graph, policy);
        return Scene.Of(lowered, inputs, Scene.Template(policy, suite, samples: 4, $"job {seed}"), backend?.Invoke(lowered));
    }

    /// <summary>Makes a backend for a graph.</summary>
    internal delegate Backends.IBackend IBackendOf(LoweredGraph graph);

    // Tensors without elements, of f16 and f64, a zero, an output that is an input, and an odd number of records.
    private static Scene Odd(Suite suite)
    {
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(3, 400)));
        ValueRef none = builder.Input("none", new TensorType(DType.F32, new Shape(0, 5)));
        ValueRef wide = builder.Parameter("wide", Tensor.Of<double>(DType.F64, new Shape(3), 1, -2, 0.1));
        ValueRef zero = builder.Add("zero", Sub.Instance, x, x);
        ValueRef turned = builder.View("turned", zero, map => map.Slice(0, 2, -1, 3));
        ValueRef half = builder.Add("half", new Cast(DType.F16), builder.Add("exp", Exp.Instance, turned));
        ValueRef empty = builder.Add("empty", Neg.Instance, none);
        ValueRef negative = builder.Add("negative", Neg.Instance, builder.Add("deep", Neg.Instance, wide));
        ValueRef smaller = builder.Add("smaller", Less.Instance, x, zero);
        Graph graph = builder.Build(
            new GraphOutput("zero", zero),
            new GraphOutput("half", half),
            new GraphOutput("empty", empty),
            new GraphOutput("negative", negative),
            new GraphOutput("smaller", smaller),
            new GraphOutput("x", x));
        Tensor input = Tensor.Of<float>(DType.F32, new Shape(3, 400), [.. Enumerable.Range(0, 1200).Select(i => (i % 17) - 8f)]);
        return Scene.Of(graph, [input, Tensor.Of<float>(DType.F32, new Shape(0, 5))], Policy.Compact, suite, samples: 30);
    }
}
