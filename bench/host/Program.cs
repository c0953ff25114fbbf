using System;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;

using VerifiableCompute.Engine.Cli;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Planning;
using VerifiableCompute.Engine.Tensors;

// A host of the library and nothing else, whose memory bench/memory.sh looks at: with arguments MODEL INPUTS it loads a model and runs it twice, without
// it does nothing. It prints bytes of weights, live set, what plan and backend say that they hold, most bytes resident; milliseconds of load, first and
// second run.
Stopwatch watch = Stopwatch.StartNew();
double Lap()
{
    double milliseconds = watch.Elapsed.TotalMilliseconds;
    watch.Restart();
    return Math.Round(milliseconds, 1);
}

(long weights, long live, long stated, double load, double first, double again) = (0, 0, 0, 0, 0, 0);
if (args is [string model, string inputs])
{
    ImmutableArray<Tensor> given = Conformance.ReadSet(inputs, "input");
    Graph graph = OnnxModel.Load(model).Specialize(given);
    using CpuBackend backend = new();
    Executor executor = new(graph, backend);
    load = Lap();
    executor.Run(given);
    first = Lap();
    executor.Run(given);
    again = Lap();
    Plan plan = executor.Plan;
    (weights, live, stated) = (plan.ParameterBytes, plan.ActivationBytes, plan.PeakBytes + backend.PackedBytes + backend.ScratchBytes);
}

long resident = Residence.Peak() ?? throw new PlatformNotSupportedException("the system does not say how much memory a process has");
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{weights} {live} {stated} {resident} {load} {first} {again}"));
