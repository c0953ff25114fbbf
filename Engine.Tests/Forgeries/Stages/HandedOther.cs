using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stages;

/// <summary>A stage commits to another value than it handed out.</summary>
internal sealed class HandedOther : IForgery
{
    /// <inheritdoc/>
    public string Code => "stages";

    /// <inheritdoc/>
    public string Attack => "a stage commits to another value than it handed out";

    /// <inheritdoc/>
    public Reason Reason => Reason.StagesApart;

    /// <inheritdoc/>
    public string Says => "took in another value";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Staging.Of(scene) is not [StageFile first, StageFile second, ..] || second.TakenLeaves.IsEmpty
            || !OutputLeaf.TryRead(second.TakenLeaves[0].Span, out OutputLeaf? taken) ? null
            : Staging.Files(scene, Staging.Of(scene).SetItem(0, Staging.Rooted(scene, first with
            {
                TraceLeaves = first.TraceLeaves.SetItem(taken!.Node, Other(first.TraceLeaves[taken.Node], taken.Slot)),
            })));

    private static byte[] Other(ReadOnlyMemory<byte> bytes, int slot)
    {
        TraceEntry[] entries = TraceLeaf.TryRead(bytes.Span, out TraceLeaf? leaf) ? [.. leaf!.Entries] : [];
        int place = Array.FindIndex(entries, entry => entry.Slot == slot);
        entries[place] = entries[place] with { Tensor = entries[place].Tensor with { Root = Ids.Of("root", [1]) } };
        return new TraceLeaf([.. entries]).ToArray();
    }
}
