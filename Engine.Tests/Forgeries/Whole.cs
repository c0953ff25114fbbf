using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Checking;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries;

/// <summary>Files that hold before anything is done to them.</summary>
internal static class Whole
{
    /// <summary>Files among which there is one of the kind: a spot check of the run, its stages, or an accusation that convicts a cheat of the same
    /// statement.</summary>
    internal static Forged Of(Scene scene, FileKind kind) => kind switch
    {
        FileKind.FraudProof => Accusation(scene),
        FileKind.Stage => Staging.Files(scene),
        _ => Forge.Files(scene),
    };

    /// <summary>An accusation that convicts: of a run in which one bit of a committed element is another.</summary>
    internal static FraudFile Accusation(Scene scene) => Forge.Accused(Cheat(scene, out ElementRef element), Reason.WrongElement, element);

    /// <summary>The same with one leaf opened that it does not need: the trace leaf of another node.</summary>
    internal static FraudFile Surplus(Scene scene)
    {
        Scene cheat = Cheat(scene, out ElementRef element);
        HeldLeaves leaves = new(cheat.Held, PlainHasher.Instance);
        Evaluator evaluator = new(leaves);
        evaluator.Committed(element);
        evaluator.Evaluate(element);
        for (int node = 0; node < scene.Records().Length; node++)
        {
            leaves.OpenTraceLeaf(node);
        }

        return new FraudProof(cheat.Statement.Statement, cheat.Receipt.Receipt, Reason.WrongElement, element, leaves.Open()).ToFile();
    }

    /// <summary>An accusation that a trace leaf is not what its record asks for, which it is not.</summary>
    /// <param name="scene">The honest run.</param>
    /// <param name="element">Named, and without a meaning; 0 convicts.</param>
    internal static FraudFile Shape(Scene scene, long element)
    {
        int node = Forge.Output(scene, 0).Node;
        ReceiptFile receipt = scene.Receipt with { TraceLeaves = scene.Receipt.TraceLeaves.SetItem(node, new TraceLeaf([]).ToArray()) };
        Scene cheat = scene with { Run = scene.Run with { Receipt = Forge.Rooted(scene, receipt) } };
        return Forge.Accused(cheat, Reason.WrongShape, new ElementRef(node, 0, element));
    }

    /// <summary>An accusation that an output leaf does not repeat the trace, which it does not.</summary>
    /// <param name="scene">The honest run.</param>
    /// <param name="element">Named, and without a meaning; 0 convicts.</param>
    internal static FraudFile Binding(Scene scene, long element)
    {
        OutputLeaf leaf = Forge.Output(scene, 0);
        byte[] other = (leaf with { Tensor = leaf.Tensor with { Root = Ids.Of("root", [1]) } }).ToArray();
        ReceiptFile receipt = scene.Receipt with { OutputLeaves = scene.Receipt.OutputLeaves.SetItem(0, other) };
        Scene cheat = scene with { Run = scene.Run with { Receipt = Forge.Rooted(scene, receipt) } };
        ValueRef value = scene.Statement.Graph.Outputs[0];
        return Forge.Accused(cheat, Reason.WrongOutputBinding, new ElementRef(value.Index, value.Slot, element));
    }

    private static Scene Cheat(Scene scene, out ElementRef element)
    {
        element = Forge.Outputs(scene, output => output.Resolution == Resolution.Committed && output.Type.Elements > 0).First();
        return Forge.Flipped(scene, element, 0);
    }
}
