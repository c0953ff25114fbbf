using System.Collections.Immutable;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Proving;

/// <summary>A run in stages, each by a party of its own that sees of the others only the values they hand out.</summary>
/// <param name="Files">The stage receipts, in order.</param>
/// <param name="Given">What each handed out.</param>
/// <param name="Outputs">The graph outputs.</param>
internal sealed record Staged(ImmutableArray<StageFile> Files, ImmutableDictionary<ValueRef, Tensor> Given, ImmutableArray<Tensor> Outputs)
{
    /// <summary>Runs stages.</summary>
    /// <param name="statement">What is run.</param>
    /// <param name="graph">The graph; its parameters are not given to stages that do not read them.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="ends">Where the stages end, ascending.</param>
    /// <param name="backend">Who computes each stage.</param>
    /// <param name="store">Where all keep their values.</param>
    /// <param name="hasher">Who hashes.</param>
    internal static Staged Run(
        StatementFile statement,
        Graph graph,
        ImmutableArray<Tensor> inputs,
        IReadOnlyList<int> ends,
        Func<int, IBackend> backend,
        ITraceStore? store = null,
        ILeafHasher? hasher = null)
    {
        List<StageFile> files = [];
        Dictionary<ValueRef, Tensor> given = [];
        for (int stage = 0; stage < ends.Count; stage++)
        {
            StageCommitter committer = new(
                statement, graph, stage == 0 ? 0 : ends[stage - 1], ends[stage], backend(stage), hasher ?? PlainHasher.Instance);
            CommittedStage run = committer.Run(inputs, [.. committer.Part.Taken.Select(value => given[value])], Key(stage), (ulong)stage, store);
            files.Add(run.File);
            foreach ((ValueRef value, Tensor tensor) in committer.Part.Given.Zip(run.Given))
            {
                given.Add(value, tensor);
            }
        }

        return new Staged([.. files], given.ToImmutableDictionary(), [.. statement.Graph.Outputs.Select(output => given[output])]);
    }

    /// <summary>Whose stage it is.</summary>
    internal static ProverKey Key(int stage) => new(KeyScheme.Ed25519, Ids.Of("stage key", [(byte)stage]));

    /// <summary>Some of the positions where a graph can be cut, and its end.</summary>
    internal static ImmutableArray<int> Ends(Cuts cuts, Adversarial random, int count)
    {
        SortedSet<int> ends = [cuts.Count];
        for (int cut = count; cut > 0; cut--)
        {
            ends.Add(cuts.Positions[random.Below(cuts.Positions.Length)]);
        }

        return [.. ends];
    }
}
