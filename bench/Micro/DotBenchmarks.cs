using System.Collections.Immutable;

using BenchmarkDotNet.Attributes;

using VerifiableCompute.Bench.Oracle;
using VerifiableCompute.Bench.Reports;
using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Micro;

/// <summary>Dot with constant weights, [M, 512] times [512, 512].</summary>
public class DotBenchmarks
{
    private const int Size = 512;

    private IBackend _backend = null!;
    private Executor _executor = null!;
    private ImmutableArray<Tensor> _inputs;

    /// <summary>Rows of A.</summary>
    [Params(1, 8, 128, 512)]
    public int M { get; set; }

    /// <summary>Threads.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    /// <summary>Makes graph and backend.</summary>
    [GlobalSetup]
    public void Setup()
    {
        Draw draw = new("micro", 0);
        GraphBuilder builder = new();
        Tensor input = draw.Floats(Values.Uniform, M, Size);
        ValueRef a = builder.Input("A", input.Type);
        ValueRef b = builder.Parameter("B", draw.Floats(Values.Uniform, Size, Size));
        ValueRef y = builder.Add("dot", Engine.Ops.Dot.Plain, a, b);
        _backend = Backends.Fast(Threads);
        _executor = new Executor(builder.Build([new GraphOutput("Y", y)]), _backend);
        _inputs = [input];
    }

    /// <summary>Ends the threads.</summary>
    [GlobalCleanup]
    public void Cleanup() => _backend.Dispose();

    /// <summary>One run.</summary>
    [Benchmark]
    public object Dot() => _executor.Run(_inputs)[0];
}
