using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Verify;

/// <summary>What the protocol promises of every op in the catalogue: an honest run of it is valid, and one changed bit of what it read or of
/// what it gave is found by whoever checks an element that depends on it.</summary>
internal sealed class ProvableTests
{
    // Enough that a first and a last element, and some between, are among them.
    private const int Samples = 6;

    private static IEnumerable<OpCase> Cases => Catalog.Cases().Where(entry => entry.Op is not View);

    [Test]
    public void An_honest_run_is_valid([ValueSource(nameof(Cases))] OpCase entry)
    {
        Scene scene = Run(entry, null);
        Verdict verdict = scene.Verify();
        Assert.That(verdict.Kind, Is.EqualTo(VerdictKind.Valid), verdict.Text);
        foreach (ElementRef element in Ends(scene))
        {
            Assert.That(scene.Check(element), Is.Empty, element.ToString());
        }
    }

    /// <summary>The same where the op is evaluated inside the check of what reads it.</summary>
    [Test]
    public void An_honest_run_that_recomputes_it_is_valid([ValueSource(nameof(Cases))] OpCase entry)
    {
        Scene scene = Copied(entry);
        Verdict verdict = scene.Verify();
        Assert.That(verdict.Kind, Is.EqualTo(VerdictKind.Valid), verdict.Text);
    }

    [Test]
    public void Most_ops_can_be_recomputed()
    {
        OpCase[] cases = [.. Cases.Where((_, index) => index % 10 == 0)];
        int recomputed = cases.Count(entry => Copied(entry).Statement.Graph.Records.Any(
            record => record.Op.Name == entry.Op.Name && record.Outputs[0].Resolution == Resolution.Recomputed));
        Assert.That(recomputed, Is.GreaterThan(cases.Length / 2), $"of {cases.Length}: otherwise the test above would show little");
    }

    [Test]
    public void A_changed_bit_of_an_output_is_found([ValueSource(nameof(Cases))] OpCase entry)
    {
        foreach (ElementRef element in Ends(Run(entry, null)))
        {
            int bit = entry.Op.Infer([.. entry.Inputs.Select(input => input.Type)])[element.Slot].DType == DType.Bool ? 0 : 3;
            Scene scene = Run(entry, new FlippedOutput(entry.Op, element, bit));
            Assert.That(scene.Check(element), Is.Not.Empty, element.ToString());
            if (scene.Challenge.Elements(scene.Statement.Statement.Challenge, scene.Statement.Graph).Contains(element))
            {
                Assert.That(scene.Verify().Kind, Is.EqualTo(VerdictKind.Invalid), element.ToString());
            }
        }
    }

    [Test]
    public void A_changed_bit_of_an_input_is_found([ValueSource(nameof(Cases))] OpCase entry)
    {
        Scene honest = Run(entry, null);
        for (int slot = 0; slot < entry.Inputs.Length; slot++)
        {
            TensorType type = entry.Inputs[slot].Type;
            if (type.Elements == 0)
            {
                continue;
            }

            Scene scene = Run(entry, new FlippedInput(entry.Op, slot, type.Elements / 2, type.DType == DType.Bool ? 0 : (8 * type.DType.Size()) - 2));
            ElementRef? wrong = First(honest, scene);
            if (wrong is not null)
            {
                Assert.That(scene.Check(wrong.Value), Is.Not.Empty, $"input {slot}, {wrong}");
            }
        }
    }

    [Test]
    public void Most_changed_bits_of_inputs_matter()
    {
        int tried = 0;
        int found = 0;
        foreach (OpCase entry in Cases.Where((_, index) => index % 10 == 0))
        {
            Scene honest = Run(entry, null);
            for (int slot = 0; slot < entry.Inputs.Length; slot++)
            {
                TensorType type = entry.Inputs[slot].Type;
                int bit = type.DType == DType.Bool ? 0 : (8 * type.DType.Size()) - 2;
                tried += type.Elements > 0 ? 1 : 0;
                found += type.Elements > 0 && First(honest, Run(entry, new FlippedInput(entry.Op, slot, type.Elements / 2, bit))) is not null ? 1 : 0;
            }
        }

        Assert.That(found, Is.GreaterThan(tried / 2), $"of {tried}: otherwise the test above would show little");
    }

    // The first committed element that two runs of one statement differ in.
    private static ElementRef? First(Scene honest, Scene other)
    {
        for (int node = 0; node < honest.Statement.Graph.Records.Length; node++)
        {
            GraphRecord record = honest.Statement.Graph.Records[node];
            foreach (int slot in record.Op.EvaluationOrder(record.Outputs.Length).Where(slot => record.Outputs[slot].Resolution == Resolution.Committed))
            {
                int different = honest.Store.Read(node, slot).Span.CommonPrefixLength(other.Store.Read(node, slot).Span);
                if (different < record.Outputs[slot].Type.Bytes)
                {
                    return new ElementRef(node, slot, different / record.Outputs[slot].Type.DType.Size());
                }
            }
        }

        return null;
    }

    // First, middle and last element of every output of the op.
    private static IEnumerable<ElementRef> Ends(Scene scene)
    {
        int node = Enumerable.Range(0, scene.Graph.Graph.Nodes.Length).First(index => scene.Graph.Graph.Nodes[index].Name == "op");
        GraphRecord record = scene.Statement.Graph.Records[node];
        for (int slot = 0; slot < record.Outputs.Length; slot++)
        {
            long elements = record.Outputs[slot].Type.Elements;
            foreach (long element in new[] { 0, elements / 2, elements - 1 }.Where(element => element >= 0 && element < elements).Distinct())
            {
                yield return new ElementRef(node, slot, element);
            }
        }
    }

    // Every result of the op is read once, by a copy.
    private static Scene Copied(OpCase entry)
    {
        GraphBuilder builder = new();
        ValueRef[] inputs = [.. entry.Inputs.Select((input, index) => builder.Input($"x{index}", input.Type))];
        ImmutableArray<ValueRef> outputs = builder.AddMany("op", entry.Op, inputs);
        Graph graph = builder.Build([.. outputs.Take(entry.Op.AuxiliaryFrom).Select(
            (output, index) => new GraphOutput($"y{index}", builder.Add("copy", Copy.Instance, output)))]);
        return Scene.Of(graph, entry.Inputs, Policy.Compact2, Suite.Blake3, Samples);
    }

    private static Scene Run(OpCase entry, IBackend? backend)
    {
        GraphBuilder builder = new();
        ValueRef[] inputs = [.. entry.Inputs.Select((input, index) => builder.Input($"x{index}", input.Type))];
        ImmutableArray<ValueRef> outputs = builder.AddMany("op", entry.Op, inputs);
        Graph graph = builder.Build([.. outputs.Take(entry.Op.AuxiliaryFrom).Select((output, index) => new GraphOutput($"y{index}", output))]);
        return Scene.Of(graph, entry.Inputs, Policy.Atomic, Suite.Sha256, Samples, backend: backend);
    }

    /// <summary>Flips one bit of one output element before anyone reads it.</summary>
    private sealed class FlippedOutput(Op op, ElementRef element, int bit) : IBackend
    {
        private readonly ReferenceBackend _inner = new();

        public string Name => "flipped output";

        public void Run(NodeCall call, CancellationToken cancellation)
        {
            _inner.Run(call, cancellation);
            if (ReferenceEquals(call.Node.Op, op))
            {
                int size = call.Node.Outputs[element.Slot].DType.Size();
                call.Outputs[element.Slot].Span[(int)(element.Element * size) + (bit / 8)] ^= (byte)(1 << (bit % 8));
            }
        }

        public void Dispose() => _inner.Dispose();
    }

    /// <summary>Computes with one bit of one input element flipped.</summary>
    private sealed class FlippedInput(Op op, int slot, long element, int bit) : IBackend
    {
        private readonly ReferenceBackend _inner = new();

        public string Name => "flipped input";

        public void Run(NodeCall call, CancellationToken cancellation)
        {
            if (ReferenceEquals(call.Node.Op, op))
            {
                Tensor given = call.Inputs[slot].ToTensor();
                byte[] bytes = given.Bytes.ToArray();
                bytes[(int)(element * given.Type.DType.Size()) + (bit / 8)] ^= (byte)(1 << (bit % 8));
                Operand flipped = new(given.Type, Tensor.Canonical(given.Type, bytes).Bytes, AffineView.Identity(given.Type.Shape), null);
                call = call with { Inputs = call.Inputs.SetItem(slot, flipped) };
            }

            _inner.Run(call, cancellation);
        }

        public void Dispose() => _inner.Dispose();
    }
}
