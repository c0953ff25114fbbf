using System.Collections.Immutable;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Bench.Protocol;

/// <summary>A model under a statement.</summary>
internal sealed record Job(string Model, Graph Plain, LoweredGraph Graph, ImmutableArray<Tensor> Inputs, StatementFile Statement)
{
    /// <summary>Draws of a challenge.</summary>
    internal const int Samples = 100;

    /// <summary>The statement of a model on its first test inputs.</summary>
    internal static Job Of(string folder, string model, Policy policy, Suite suite, CpuBackend cpu)
    {
        string path = Path.Combine(folder, model);
        ImmutableArray<Tensor> inputs = Conformance.ReadSet(Path.Combine(path, "test_data_set_0"), "input");
        Graph plain = OnnxModel.Load(Path.Combine(path, "model.onnx")).Specialize(inputs);
        LoweredGraph graph = Lowerer.Lower(plain, policy);
        Statement template = new()
        {
            Policy = policy,
            Suite = suite,
            GraphRoot = default,
            ParametersRoot = default,
            InputsRoot = default,
            Challenge = new ChallengePolicy(Samples, ChallengePolicy.Whole / 2, "bench", 1),
            Domain = Domain.Test,
        };
        return new Job(model, plain, graph, inputs, new Committer(cpu.Hasher).State(graph, inputs, template));
    }

    /// <summary>What its prover holds after a run.</summary>
    internal HeldTrace Held(ReceiptFile receipt, MemoryTraceStore store) =>
        new(Statement, receipt, [.. Graph.Graph.Parameters.Select(parameter => parameter.Value)], Inputs, store);
}
