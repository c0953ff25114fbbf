using NUnit.Framework;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries;

/// <summary>Accusations under statements that nobody validated, with everything opened: whatever their records say of each other, judging them
/// ends in a verdict.</summary>
internal sealed class HostileStatementTests
{
    private const int Statements = 400;

    private static readonly Resolution[] Resolutions = [Resolution.Committed, Resolution.Recomputed, Resolution.View];
    private static readonly string[] Evaluated = ["opens more", "definition gives", "canonical form"];
    private static readonly ValueKind[] Kinds = [ValueKind.Node, ValueKind.Parameter, ValueKind.Input];

    [Test]
    public void Records_that_disagree_end_in_a_verdict()
    {
        int evaluated = 0;
        for (int seed = 0; seed < Statements; seed++)
        {
            Scene scene = Scenes.Random(seed, nodes: 12);
            Adversarial random = new((ulong)seed);
            GraphRecord[] records = [.. scene.Records()];
            for (int edits = 1 + random.Below(3); edits > 0; edits--)
            {
                int index = random.Below(records.Length);
                records[index] = Edited(records, index, random);
            }

            evaluated += Judge(scene, records, random);
        }

        Assert.That(evaluated, Is.GreaterThan(Statements), "many get as far as evaluation");
    }

    // How many accusations got as far as evaluation.
    private static int Judge(Scene scene, GraphRecord[] records, Adversarial random)
    {
        ReadOnlyMemory<byte>[] bytes = [.. records.Select((record, index) => (ReadOnlyMemory<byte>)RecordCodec.Write(index, record))];
        Statement statement = scene.Statement.Statement with
        {
            GraphRoot = MerkleTree.RootOf(scene.Suite(), TreeKind.Graph, bytes, PlainHasher.Instance),
        };
        Receipt receipt = scene.Receipt.Receipt with { StatementId = statement.Id };
        Openings openings = Everything(scene, bytes);
        CommittedGraph.TryCreate([.. records], out _, out _);
        int evaluated = 0;
        for (int node = 0; node < records.Length; node++)
        {
            for (int slot = 0; slot < records[node].Outputs.Length; slot++)
            {
                ElementRef element = new(node, slot, random.Below((int)Math.Clamp(records[node].Outputs[slot].Type.Elements, 1, 1 << 20)));
                foreach (Reason accusation in new[] { Reason.WrongElement, Reason.NonCanonicalValue })
                {
                    Verdict verdict = new FraudProof(statement, receipt, accusation, element, openings).Verify(PlainHasher.Instance);
                    Assert.That(verdict.Kind, Is.EqualTo(VerdictKind.Unverifiable), "more is opened than any needs");
                    evaluated += Evaluated.Any(text => verdict.Text.Contains(text, StringComparison.Ordinal)) ? 1 : 0;
                }
            }
        }

        return evaluated;
    }

    private static Openings Everything(Scene scene, ReadOnlyMemory<byte>[] records)
    {
        List<ListOpening> lists = [];
        foreach (TreeKind kind in new[] { TreeKind.Parameters, TreeKind.Inputs, TreeKind.Graph, TreeKind.Trace })
        {
            IReadOnlyList<ReadOnlyMemory<byte>> leaves = kind == TreeKind.Graph ? records : Forge.Leaves(scene, kind);
            if (leaves.Count > 0)
            {
                MerkleTree tree = MerkleTree.Of(scene.Suite(), kind, leaves, PlainHasher.Instance);
                lists.Add(new ListOpening(kind, leaves.Count, tree.Open(All(leaves.Count), i => leaves[(int)i])));
            }
        }

        IEnumerable<ValueRef> nodes = Forge.Outputs(scene, output => output.Resolution == Resolution.Committed)
            .Select(element => new ValueRef(ValueKind.Node, element.Node, element.Slot));
        IEnumerable<ValueRef> given = scene.Held.Parameters.Select((_, i) => new ValueRef(ValueKind.Parameter, i))
            .Concat(scene.Inputs.Select((_, i) => new ValueRef(ValueKind.Input, i)));
        return new Openings([.. lists], [.. nodes.Concat(given).Where(value => Forge.Bytes(scene, value).Length > 0).Select(value => Whole(scene, value))]);
    }

    private static TensorOpening Whole(Scene scene, ValueRef value)
    {
        ReadOnlyMemory<byte> bytes = Forge.Bytes(scene, value);
        MerkleTree tree = MerkleTree.OfTensor(scene.Suite(), bytes.Span, PlainHasher.Instance);
        return new TensorOpening(value, tree.Open(All(tree.LeafCount), leaf => Forge.LeafOf(bytes, leaf)));
    }

    private static long[] All(long count) => [.. Enumerable.Range(0, (int)count).Select(i => (long)i)];

    private static GraphRecord Edited(GraphRecord[] records, int index, Adversarial random)
    {
        GraphRecord record = records[index];
        GraphRecord other = records[random.Below(records.Length)];
        int input = random.Below(Math.Max(record.Inputs.Length, 1));
        int output = random.Below(record.Outputs.Length);
        switch (random.Below(6))
        {
            case 0 or 1:
                RecordOutput stood = record.Outputs[output] with { Resolution = random.Of(Resolutions) };
                return record with { Outputs = record.Outputs.SetItem(output, stood) };
            case 2 when record.Inputs.Length > 0:
                ValueRef source = new(random.Of(Kinds), random.Below(records.Length + 1), random.Below(2));
                return record with { Inputs = record.Inputs.SetItem(input, record.Inputs[input] with { Source = source }) };
            case 3 when record.Inputs.Length > 0:
                RecordInput read = new(new ValueRef(ValueKind.Node, random.Below(records.Length)), other.Outputs[0].Type);
                return record with { Inputs = record.Inputs.SetItem(input, read) };
            case 4:
                return record with { Outputs = [.. record.Outputs.Take(output), other.Outputs[0], .. record.Outputs.Skip(output + 1)] };
            case 5:
                return record with { Op = other.Op };
            default:
                return other;
        }
    }
}
