using System.Collections.Immutable;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Proving;
using VerifiableCompute.Engine.Tests.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries;

/// <summary>The attacker's tools for stages: each changes one stage and makes its own receipt fit again.</summary>
internal static class Staging
{
    private const int Stages = 3;

    private static readonly ConditionalWeakTable<StatementFile, StrongBox<ImmutableArray<StageFile>>> Known = [];

    /// <summary>The stages of an honest run: three where the graph can be cut so often.</summary>
    internal static ImmutableArray<StageFile> Of(Scene scene) => Known.GetValue(scene.Statement, _ => new(Of(scene, 0))).Value;

    /// <summary>The same with cuts that stand some positions further on.</summary>
    internal static ImmutableArray<StageFile> Of(Scene scene, int shift)
    {
        Cuts cuts = scene.Statement.Graph.Cuts();
        int[] ends = [.. Enumerable.Range(1, Stages)
            .Select(stage => (cuts.Positions.Length * stage / Stages) - 1 + (stage < Stages ? shift : 0))
            .Select(place => cuts.Positions[int.Clamp(place, 0, cuts.Positions.Length - 1)]).Distinct()];
        using ReferenceBackend backend = new();
        return Staged.Run(scene.Statement, scene.Graph.Graph, scene.Inputs, ends, _ => backend).Files;
    }

    /// <summary>The files of a run in stages.</summary>
    internal static StageFiles Files(Scene scene) => Files(scene, Of(scene));

    /// <summary>The files of some stages.</summary>
    internal static StageFiles Files(Scene scene, IEnumerable<StageFile> stages) =>
        new(scene.Statement.ToArray(), [.. stages.Select(stage => stage.ToArray())]);

    /// <summary>One stage is another, whose roots are made of its leaves; none where there is nothing to change.</summary>
    internal static StageFiles? Changed(Scene scene, Func<StageFile, StageFile?> change)
    {
        ImmutableArray<StageFile> stages = Of(scene);
        for (int i = stages.Length - 1; i >= 0; i--)
        {
            if (change(stages[i]) is StageFile other)
            {
                return Files(scene, stages.SetItem(i, Rooted(scene, other)));
            }
        }

        return null;
    }

    /// <summary>A stage whose roots are those of its leaves.</summary>
    internal static StageFile Rooted(Scene scene, StageFile file)
    {
        Suite suite = scene.Statement.Statement.Suite;
        return file with
        {
            Receipt = file.Receipt with
            {
                TraceRoot = MerkleTree.RootOf(suite, TreeKind.Trace, file.TraceLeaves, PlainHasher.Instance),
                TakenRoot = MerkleTree.RootOf(suite, TreeKind.Outputs, file.TakenLeaves, PlainHasher.Instance),
            },
        };
    }

    /// <summary>A stage that took in other leaves.</summary>
    internal static StageFiles? Taken(
        Scene scene, Func<ImmutableArray<ReadOnlyMemory<byte>>, ImmutableArray<ReadOnlyMemory<byte>>?> change) =>
        Changed(scene, stage => change(stage.TakenLeaves) is ImmutableArray<ReadOnlyMemory<byte>> leaves ? stage with { TakenLeaves = leaves } : null);

    /// <summary>A leaf for another tensor.</summary>
    internal static ReadOnlyMemory<byte> Leaf(ReadOnlyMemory<byte> bytes, Func<OutputLeaf, OutputLeaf> change) =>
        OutputLeaf.TryRead(bytes.Span, out OutputLeaf? leaf) ? change(leaf!).ToArray() : throw new InvalidOperationException("an honest leaf");
}
