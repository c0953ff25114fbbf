using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Cli.Faults;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries;

/// <summary>Whatever byte of a delivered receipt is not the honest one, an auditor finds the first and proves it.</summary>
internal sealed class CompletenessTests
{
    private const int Runs = 400;

    [Test]
    public void Completeness_names_the_first_difference()
    {
        for (int seed = 0; seed < Runs; seed++)
        {
            (Graph graph, ImmutableArray<Tensor> inputs) = RandomGraphs.Make(seed, nodes: 14);
            LoweredGraph lowered = Lowerer.Lower(graph, (Policy)(1 + (seed % 3)));
            Statement template = Scene.Template((Policy)(1 + (seed % 3)), seed % 4 < 2 ? Suite.Sha256 : Suite.Blake3, samples: 1, $"job {seed}");
            using ReferenceBackend reference = new();
            using FaultyBackend faulty = new(reference, new Fault(FaultKind.Flip, (ulong)seed, string.Empty), lowered);
            Scene honest = Scene.Of(lowered, inputs, template);
            Scene cheat = Scene.Of(lowered, inputs, template, faulty);
            FraudProof proof = Audited(cheat, $"seed {seed}");
            Assert.That(proof.Element, Is.EqualTo(faulty.Element), $"seed {seed}");
            Holds(proof, honest, $"seed {seed}");
        }
    }

    [Test]
    public void Values_in_another_form_are_proven()
    {
        foreach (Scene honest in Scenes.All)
        {
            foreach ((DType type, byte[] bytes) in new (DType, byte[])[] { (DType.F32, [1, 0, 0xC0, 0x7F]), (DType.F16, [1, 0x7E]), (DType.Bool, [2]) })
            {
                if (Forge.Element(honest, new Adversarial(7), output => output.Type.DType == type) is ElementRef element)
                {
                    FraudProof proof = Audited(Forge.Retold(honest, element, bytes), type.ToString());
                    Assert.That((proof.Accusation, proof.Element), Is.EqualTo((Reason.NonCanonicalValue, element)));
                    Holds(proof, honest, type.ToString());
                }
            }
        }
    }

    // A value in another form beside a wrong one: its leaf cannot be opened for the wrong one without it.
    [Test]
    public void Two_edits_in_one_leaf_are_proven([Values(0, 1, 255)] int wrong, [Values(0, 5, 254)] int strange, [Values] bool last)
    {
        if (wrong == strange)
        {
            return;
        }

        int tried = 0;
        foreach (Scene honest in Scenes.All)
        {
            const int InLeaf = Limits.LeafBytes / sizeof(float);
            ElementRef[] values = [.. Forge.Outputs(honest, output =>
                output is { Resolution: Resolution.Committed, Type.DType: DType.F32 } && output.Type.Elements >= InLeaf)];
            if (values.Length == 0)
            {
                continue;
            }

            ElementRef value = last ? values[^1] : values[0];
            long leaves = honest.Statement.Graph.TypeOf(value.Node, value.Slot).Elements / InLeaf;
            long leaf = last ? leaves - 1 : 0;
            ElementRef named = value with { Element = (leaf * InLeaf) + strange };
            byte[] bytes = honest.Store.Read(value.Node, value.Slot).ToArray();
            bytes[((leaf * InLeaf) + wrong) * sizeof(float)] ^= 1;
            BitConverter.GetBytes(0x7FC0_0001).CopyTo(bytes, named.Element * sizeof(float));
            FraudProof proof = Audited(
                Forge.Retold(honest, new ValueRef(ValueKind.Node, value.Node, value.Slot), bytes), $"{value.Node}: {wrong}, {strange}");
            Assert.That((proof.Accusation, proof.Element), Is.EqualTo((Reason.NonCanonicalValue, named)));
            Holds(proof, honest, $"{value.Node}: {wrong}, {strange}");
            tried++;
        }

        Assert.That(tried, Is.Positive);
    }

    [Test]
    public void Wrong_shapes_are_proven()
    {
        Audited(Tried<Delivered.TraceOfAnotherShape>, Reason.WrongShape);
        Audited(Tried<Delivered.TraceOfAnotherElementType>, Reason.WrongShape);
        Audited(Tried<Delivered.TraceOutputAbsent>, Reason.WrongShape);
        Audited(Tried<Delivered.TraceOutputSurplus>, Reason.WrongShape);
        Audited(Tried<Delivered.TraceLeafGarbage>, Reason.WrongShape);
        Audited(Tried<Delivered.EmptyTensorRooted>, Reason.WrongShape);
    }

    [Test]
    public void Outputs_forged_are_proven()
    {
        Audited(Tried<Delivered.OutputsForged>, Reason.WrongOutputBinding);
        Audited(Tried<Delivered.OutputsSwapped>, Reason.WrongOutputBinding);
        Audited(Tried<Delivered.OutputLeafGarbage>, Reason.WrongOutputBinding);
    }

    [Test]
    public void Trace_that_is_not_the_accused_one_names_the_node_alone()
    {
        Scene honest = Scenes.All[0];
        ElementRef element = Forge.Element(honest, new Adversarial(3))!.Value;
        Scene cheat = Forge.Flipped(honest, element, 0);
        using ReferenceBackend backend = new();
        AuditResult result = new Auditor(PlainHasher.Instance)
            .Audit(cheat.Statement, cheat.Receipt, cheat.Graph.Graph, cheat.Inputs, backend, honest.Store);
        Assert.Multiple(() =>
        {
            Assert.That(result.FraudProof, Is.Null);
            Assert.That(result.Verdict.Kind, Is.EqualTo(VerdictKind.Invalid));
            Assert.That(result.Verdict.Element, Is.EqualTo(element with { Element = 0 }));
        });
    }

    [Test]
    public void Trace_that_lacks_values_names_the_node_alone()
    {
        Scene honest = Scenes.All[0];
        ElementRef element = Forge.Outputs(honest, output => output.GraphOutput == 0).First();
        Scene cheat = Forge.Flipped(honest, element, 0);
        MemoryTraceStore one = new();
        one.Write(element.Node, element.Slot, cheat.Store.Read(element.Node, element.Slot).Span);
        using ReferenceBackend backend = new();
        Assert.Multiple(() =>
        {
            foreach (MemoryTraceStore store in new[] { new MemoryTraceStore(), one })
            {
                AuditResult result = new Auditor(PlainHasher.Instance)
                    .Audit(cheat.Statement, cheat.Receipt, cheat.Graph.Graph, cheat.Inputs, backend, store);
                Assert.That(result.FraudProof, Is.Null);
                Assert.That(result.Verdict.Kind, Is.EqualTo(VerdictKind.Invalid));
                Assert.That(result.Verdict.Element, Is.EqualTo(element));
            }
        });
    }

    [Test]
    public void Auditor_of_something_else_accuses_nobody()
    {
        Scene honest = Scenes.All[0];
        using ReferenceBackend backend = new();
        Auditor auditor = new(PlainHasher.Instance);
        AuditResult Audit(Graph graph, ImmutableArray<Tensor> inputs) => auditor.Audit(honest.Statement, honest.Receipt, graph, inputs, backend);
        Assert.Multiple(() =>
        {
            Assert.That(() => Audit(honest.Graph.Graph, Another.OtherInputs(honest, new Adversarial(1))), Throws.ArgumentException);
            Assert.That(() => Audit(Forge.Transposed(honest.Graph.Graph)!, honest.Inputs), Throws.ArgumentException);
            Assert.That(() => Audit(Scenes.All[2].Graph.Graph, Scenes.All[2].Inputs), Throws.ArgumentException);
            Assert.That(Audit(honest.Graph.Graph, honest.Inputs).Verdict.Kind, Is.EqualTo(VerdictKind.Valid));
        });
    }

    private static SpotFiles? Tried<T>(Scene scene)
        where T : IForgery, new() => (SpotFiles?)new T().Make(scene, new Adversarial(1));

    private static void Audited(Func<Scene, SpotFiles?> forge, Reason reason)
    {
        int tries = 0;
        foreach (Scene scene in Scenes.All)
        {
            if (forge(scene) is SpotFiles files)
            {
                Assert.That(ReceiptFile.TryRead(files.Receipt, out ReceiptFile? receipt, out string why), Is.True, why);
                FraudProof proof = Audited(scene with { Run = scene.Run with { Receipt = receipt! } }, reason.ToString());
                Assert.That(proof.Accusation, Is.EqualTo(reason));
                Holds(proof, scene, reason.ToString());
                tries++;
            }
        }

        Assert.That(tries, Is.Positive);
    }

    private static FraudProof Audited(Scene cheat, string what)
    {
        using ReferenceBackend backend = new();
        AuditResult result = new Auditor(PlainHasher.Instance)
            .Audit(cheat.Statement, cheat.Receipt, cheat.Graph.Graph, cheat.Inputs, backend, cheat.Store);
        Assert.That(result.Verdict.Kind, Is.EqualTo(VerdictKind.Invalid), $"{what}: {result.Verdict.Text}");
        return result.FraudProof!;
    }

    // It convicts as a file too, and only the receipt it is about.
    private static void Holds(FraudProof proof, Scene honest, string what)
    {
        byte[] bytes = proof.ToArray();
        Assert.That(FraudProof.TryRead(bytes, out FraudProof? read, out string why), Is.True, why);
        Assert.That(read!.ToArray(), Is.EqualTo(bytes), what);
        Verdict verdict = read.Verify(PlainHasher.Instance);
        Assert.That((verdict.Kind, verdict.Reason), Is.EqualTo((VerdictKind.Invalid, proof.Accusation)), $"{what}: {verdict.Text}");
        Verdict retargeted = (read with { Receipt = honest.Receipt.Receipt }).Verify(PlainHasher.Instance);
        Assert.That(
            (retargeted.Kind, retargeted.Reason), Is.EqualTo((VerdictKind.Unverifiable, Reason.AccusationDismissed)), $"{what}: {retargeted.Text}");
    }
}
