using System.Collections.Immutable;

using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>One byte of the table is another.</summary>
internal sealed class TableChanged : IForgery
{
    /// <inheritdoc/>
    public string Code => "C3";

    /// <inheritdoc/>
    public string Attack => "one byte of the table is another";

    /// <inheritdoc/>
    public Reason Reason => Reason.NotDelivered;

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        byte[] leaf = scene.Receipt.TraceLeaves[^1].ToArray();
        leaf[^1] ^= 1;
        ImmutableArray<ReadOnlyMemory<byte>> leaves = scene.Receipt.TraceLeaves;
        return Forge.Files(scene) with { Receipt = (scene.Receipt with { TraceLeaves = leaves.SetItem(leaves.Length - 1, leaf) }).ToArray() };
    }
}
